package org.tidbbinlog.pump.server;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.tidbbinlog.node.config.Addresses;
import org.tidbbinlog.node.config.Kind;
import org.tidbbinlog.node.config.Option;
import org.tidbbinlog.node.config.Settings;

/** Every flag and file key of {@code pump}, with defaults. Source: pump sections 1 and 2. */
final class PumpOptions {
  private static final int DEFAULT_PORT = 8250;
  private static final long DEFAULT_MAX_MESSAGE = Long.MAX_VALUE - (4 << 20);
  private static final long DEFAULT_STOP_AT = 10L << 30;

  @SuppressWarnings("UnnecessaryLambda") // a method reference would fit both overloads of option()
  private static final Supplier<String> DEFAULT_ADDR =
      () -> Addresses.firstIpv4() + ":" + DEFAULT_PORT;

  private final Settings.Builder all =
      Settings.command("pump", "stores the binlogs of a TiDB cluster and serves them sorted")
          .environment("PUMP_")
          .configFile()
          .example("pump -config conf/pump.toml")
          .example("pump -pd-urls=http://192.168.0.16:2379 -addr=192.168.0.11:8250");

  final Option<String> logLevel =
      all.option(Kind.STRING, "info")
          .flag("L")
          .key("log-level")
          .doc("log level: debug, info, warn, error, fatal")
          .add();
  final Option<String> logFile =
      all.option(Kind.STRING, "").flag("log-file").key("log-file").doc("log file path").add();
  final Option<String> logRotate =
      all.option(Kind.STRING, "")
          .flag("log-rotate")
          .key("log-rotate")
          .doc("when the log file is rotated: hour or day; otherwise at 300 MB")
          .add();
  final Option<String> addr =
      all.option(Kind.STRING, DEFAULT_ADDR)
          .flag("addr")
          .key("addr")
          .doc("address to listen on: host:port")
          .add();
  final Option<String> advertiseAddr =
      all.option(Kind.STRING, "")
          .flag("advertise-addr")
          .key("advertise-addr")
          .doc("address other nodes reach this pump at (default: value of addr)")
          .add();
  final Option<String> socket =
      all.option(Kind.STRING, "")
          .flag("socket")
          .key("socket")
          .doc("unix socket to serve gRPC on as well, for example unix:///tmp/pump.sock")
          .add();
  final Option<String> dataDir =
      all.option(Kind.STRING, "data.pump")
          .flag("data-dir")
          .key("data-dir")
          .doc("directory of the stored binlogs")
          .add();
  final Option<String> nodeId =
      all.option(Kind.STRING, "")
          .flag("node-id")
          .key("node-id")
          .doc("id of this node (default: the one kept in data-dir, else hostname:port)")
          .add();
  final Option<String> pdUrls =
      all.option(Kind.STRING, "http://127.0.0.1:2379")
          .flag("pd-urls")
          .key("pd-urls")
          .doc("comma-separated list of PD endpoints")
          .add();
  final Option<String> gc =
      all.option(Kind.stringOrInt(), "7")
          .flag("gc")
          .key("gc")
          .doc("how long binlogs are kept: days, or a duration such as 8h or 90m")
          .add();
  final Option<String> gcHardCap =
      all.option(Kind.stringOrInt(), "")
          .key("gc-hard-cap")
          .doc("collect what is older than this even when a drainer has not consumed it")
          .add();
  final Option<Long> gcSize =
      all.option(Kind.BYTES, 0L)
          .key("gc-size")
          .doc("collect the oldest binlogs beyond this size, but none a drainer still needs")
          .add();
  final Option<Boolean> serveGaps =
      all.option(Kind.BOOL, false)
          .key("serve-gaps")
          .doc("serve drainers that cannot be told of a gap from the oldest binlog there is")
          .add();
  final Option<Long> heartbeatInterval =
      all.option(Kind.INT, 2L)
          .flag("heartbeat-interval")
          .key("heartbeat-interval")
          .doc("seconds between two heartbeats")
          .add();
  final Option<Long> fakeInterval =
      all.option(Kind.INT, 3L)
          .flag("fake-binlog-interval")
          .key("gen-binlog-interval")
          .doc("seconds of silence after which a fake binlog is written")
          .add();
  final Option<Long> maxMessageSize =
      all.option(Kind.INT, DEFAULT_MAX_MESSAGE)
          .flag("max-message-size")
          .doc("largest gRPC message taken, in bytes")
          .add();
  final Option<String> metricsAddr =
      all.option(Kind.STRING, "")
          .flag("metrics-addr")
          .key("MetricsAddr")
          .doc("Prometheus Pushgateway to push to; empty = none")
          .add();
  final Option<Long> metricsInterval =
      all.option(Kind.INT, 15L)
          .flag("metrics-interval")
          .key("MetricsInterval")
          .doc("seconds between two pushes; 0 = no push")
          .add();
  final Option<Duration> etcdDialTimeout =
      all.option(Kind.DURATION, Duration.ofSeconds(5))
          .key("EtcdDialTimeout")
          .doc("time limit of registry requests")
          .add();
  final Option<String> sslCa =
      all.option(Kind.STRING, "").key("security.ssl-ca").doc("PEM file of trusted CAs").add();
  final Option<String> sslCert =
      all.option(Kind.STRING, "").key("security.ssl-cert").doc("PEM file of our certificate").add();
  final Option<String> sslKey =
      all.option(Kind.STRING, "").key("security.ssl-key").doc("PEM file of our key").add();
  final Option<List<String>> certAllowedCn =
      all.option(Kind.STRINGS, List.of())
          .key("security.cert-allowed-cn")
          .doc("common names a peer's certificate chain must carry one of")
          .add();
  final Option<Boolean> syncLog =
      all.option(Kind.BOOL, true)
          .key("storage.sync-log")
          .doc("force each group of binlogs to disk before it is acknowledged")
          .add();
  final Option<Long> kvChanCap =
      all.option(Kind.INT, 0L)
          .key("storage.kv_chan_cap")
          .doc(
              "records between value log and sorter (default 1048576, at most one for 512 bytes of"
                  + " heap)")
          .add();
  final Option<Double> slowWriteThreshold =
      all.option(Kind.FLOAT, 0.0)
          .key("storage.slow_write_threshold")
          .doc("seconds above which a write to disk is logged as slow (default 1.0)")
          .add();
  final Option<Long> stopWriteAt =
      all.option(Kind.BYTES, DEFAULT_STOP_AT)
          .key("storage.stop-write-at-available-space")
          .doc("refuse writes while less disk space is available, for example 10 GiB")
          .add();

  final Option<Long> scrubRate =
      all.option(Kind.BYTES, 4L << 20)
          .key("storage.scrub-rate")
          .doc("bytes a second at which stored binlogs are read again and checked; 0 = never")
          .add();
  final Option<Duration> scrubInterval =
      all.option(Kind.DURATION, Duration.ofHours(24))
          .key("storage.scrub-interval")
          .doc("time from the begin of one check of all stored binlogs to the next")
          .add();

  final Settings settings = withIgnored().build();

  /** What old command lines and files may carry; none has an effect here. */
  private Settings.Builder withIgnored() {
    all.option(Kind.BOOL, false).flag("enable-debug").doc("no effect").ignored().add();
    all.option(Kind.BOOL, true).flag("enable-tolerant").doc("deprecated").ignored().add();
    all.option(Kind.INT, 0L).flag("binlog-file-size").doc("deprecated").ignored().add();
    all.option(Kind.INT, 0L).flag("binlog-slice-size").doc("deprecated").ignored().add();
    all.option(Kind.BOOL, false).flag("enable-binlog-slice").doc("deprecated").ignored().add();
    for (String name :
        List.of(
            "block-cache-capacity",
            "block-restart-interval",
            "block-size",
            "compaction-L0-trigger",
            "compaction-table-size",
            "compaction-total-size",
            "write-buffer",
            "write-L0-pause-trigger",
            "write-L0-slowdown-trigger")) {
      ignoredIndexKey(Kind.INT, 0L, name);
    }
    ignoredIndexKey(Kind.FLOAT, 0.0, "compaction-total-size-multiplier");
    return all;
  }

  /** The index is an order log, not an LSM tree: nothing of it is left to tune. */
  private <T> void ignoredIndexKey(Kind<T> kind, T fallback, String name) {
    all.option(kind, fallback).key("storage.kv." + name).doc("no effect").ignored().add();
  }
}
