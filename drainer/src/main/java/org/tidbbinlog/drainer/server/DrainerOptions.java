package org.tidbbinlog.drainer.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.node.config.Addresses;
import org.tidbbinlog.node.config.Kind;
import org.tidbbinlog.node.config.Option;
import org.tidbbinlog.node.config.Settings;
import org.tidbbinlog.node.config.Shape;

/**
 * Every flag and TOML key of the drainer, in the order of its help. Keys of what this release does
 * not have are known all the same, so that a file with them is checked. Source: drainer sections 1
 * and 2.
 */
final class DrainerOptions {
  private static final int DEFAULT_PORT = 8249;
  private static final Shape TABLE_NAMES =
      Shape.listOf(
          Shape.table(Map.of("db-name", Shape.of(Kind.STRING), "tbl-name", Shape.of(Kind.STRING))));
  private static final Shape TABLE_PATTERN =
      Shape.table(Map.of("schema", Shape.of(Kind.STRING), "table", Shape.of(Kind.STRING)));

  private final Settings.Builder builder =
      Settings.command("drainer", "pulls binlogs from all Pumps and applies them to a target")
          .environment("BINLOG_SERVER_")
          .configFile()
          .example("drainer -config drainer.toml")
          .example(
              "drainer -pd-urls http://127.0.0.1:2379 -dest-db-type mysql -data-dir data.drainer");

  final Option<String> nodeId =
      text(
          "",
          "node-id",
          "node-id",
          "name of this node; default the one kept in data-dir, else host name and port");
  final Option<String> addr =
      builder
          .option(Kind.STRING, (Supplier<String>) DrainerOptions::defaultAddr)
          .flag("addr")
          .key("addr")
          .doc("address to listen on, host:port")
          .add();
  final Option<String> advertiseAddr =
      text(
          "",
          "advertise-addr",
          "advertise-addr",
          "address that others reach this node at; default addr");
  final Option<String> dataDir =
      text("data.drainer", "data-dir", "data-dir", "folder of this node's own data");
  final Option<Long> detectInterval =
      number(
          5, "detect-interval", "detect-interval", "seconds between readings of the list of Pumps");
  final Option<String> pdUrls =
      text("http://127.0.0.1:2379", "pd-urls", "pd-urls", "PD members, comma-separated URLs");
  final Option<String> logLevel =
      text("info", "L", "log-level", "debug, info, warn, error or fatal");
  final Option<String> logFile = text("", "log-file", "log-file", "log file; default stdout");
  final Option<String> logRotate =
      text("", "log-rotate", "log-rotate", "begin a new log file every hour or day");
  final Option<String> metricsAddr =
      text("", "metrics-addr", "", "Prometheus Pushgateway; default none");
  final Option<Long> metricsInterval =
      number(15, "metrics-interval", "", "seconds between metrics pushes, 0 = none");
  final Option<Long> initialCommitTs =
      number(
          -1,
          "initial-commit-ts",
          "initial-commit-ts",
          "start after this commit ts when there is no checkpoint; -1 = that of <data-dir>/savepoint,"
              + " else now");
  final Option<String> compressor =
      text("", "compressor", "compressor", "compression between Pump and Drainer: gzip or nothing");
  final Option<Long> syncedCheckTime =
      number(
          5,
          "synced-check-time",
          "synced-check-time",
          "minutes without a change after which the status says synced");
  final Option<Long> cacheBinlogCount =
      number(8, "cache-binlog-count", "", "capacity of the queue before the target");
  final SecurityOptions security = new SecurityOptions(builder, "security");

  final Option<String> destType = text("mysql", "dest-db-type", "syncer.db-type", "mysql or tidb");
  final Option<Long> txnBatch =
      number(20, "txn-batch", "syncer.txn-batch", "rows in one target transaction");
  final Option<Long> workerCount =
      number(16, "c", "syncer.worker-count", "parallel writers at the target");
  final Option<Boolean> loopbackControl =
      flag(
          false,
          "loopback-control",
          "syncer.loopback-control",
          "mark transactions, for replication in both directions or in a ring");
  final Option<Boolean> syncDdl =
      flag(true, "sync-ddl", "syncer.sync-ddl", "apply DDL at the target");
  final Option<Long> channelId =
      number(0, "channel-id", "syncer.channel-id", "channel of loopback-control");
  final Option<String> ignoreSchemas =
      text(
          String.join(",", FilterSettings.DEFAULT_IGNORED),
          "ignore-schemas",
          "syncer.ignore-schemas",
          "schemas that are not replicated, comma-separated");
  final Option<String> relayLogDir =
      text(
          "",
          "relay-log-dir",
          "syncer.relay.log-dir",
          "folder of the relay log, what is about to be applied; default none");
  final Option<Long> relayMaxFileSize =
      number(
          10485760,
          "relay-max-file-size",
          "syncer.relay.max-file-size",
          "bytes of one relay log file");
  final Option<Boolean> enableDispatch =
      flag(
          true,
          "enable-dispatch",
          "syncer.enable-dispatch",
          "spread the rows of a transaction over the writers");
  final Option<Boolean> disableDispatch =
      flag(
          false,
          "disable-dispatch",
          "syncer.disable-dispatch",
          "keep each transaction together, one writer");
  final Option<Boolean> enableDetect =
      flag(
          true, "enable-detect", "syncer.enable-detect", "keep the order of rows that share a key");
  final Option<Boolean> disableDetect =
      flag(
          false,
          "disable-detect",
          "syncer.disable-detect",
          "do not look for rows that share a key");
  final Option<Boolean> safeMode =
      flag(
          false,
          "safe-mode",
          "syncer.safe-mode",
          "write rows so that writing them again does no harm");
  final Option<Boolean> loadSchemaSnapshot =
      flag(
          false,
          "load-schema-snapshot",
          "syncer.load-schema-snapshot",
          "start only from TiKV's schema at the checkpoint, never from the DDL history");

  final Option<String> unknownDdlAction =
      text(
          "hold",
          "",
          "syncer.unknown-ddl-action",
          "a DDL job of an action this version does not know: hold (as on-ddl-error says), stop or"
              + " ignore");

  final Option<String> sqlMode =
      text("", "", "syncer.sql-mode", "SQL mode of the sessions that run DDL at the target");
  final Option<List<Long>> ignoreTxnCommitTs =
      builder
          .option(Kind.INTS, List.of())
          .key("syncer.ignore-txn-commit-ts")
          .doc("commit timestamps of binlogs to leave out")
          .add();
  final Option<Object> ignoreTable = shaped("syncer.ignore-table", TABLE_NAMES, List.of());
  final Option<List<String>> doDb =
      builder
          .option(Kind.STRINGS, List.of())
          .key("syncer.replicate-do-db")
          .doc("schemas to replicate")
          .add();
  final Option<Object> doTable = shaped("syncer.replicate-do-table", TABLE_NAMES, List.of());
  final Option<Boolean> caseSensitive =
      flag(false, "", "syncer.case-sensitive", "case of names counts in table-migrate-rule");
  final Option<Object> migrateRules =
      shaped(
          "syncer.table-migrate-rule",
          Shape.listOf(
              Shape.table(
                  Map.of(
                      "source", TABLE_PATTERN,
                      "target", TABLE_PATTERN,
                      "binlog-filter-rule", Shape.of(Kind.STRINGS)))),
          List.of());
  final Option<Object> eventRules =
      shaped(
          "syncer.binlog-filter-rule",
          Shape.mapOf(
              Shape.table(
                  Map.of(
                      "ignore-event", Shape.of(Kind.STRINGS),
                      "ignore-sql", Shape.of(Kind.STRINGS)))),
          Map.of());

  final EndpointOptions to = new EndpointOptions(builder, "syncer.to");
  final Option<Long> syncMode =
      number(0, "", "syncer.to.sync-mode", "0, 1 = all columns, 2 = those the target has");
  final Option<String> onDivergence =
      text(
          "warn",
          "",
          "syncer.to.on-divergence",
          "rows at the target are not as the binlog says: warn or stop");
  final Option<String> onDdlError =
      text(
          "hold",
          "",
          "syncer.to.on-ddl-error",
          "a DDL that the target refuses: hold it until somebody chooses, or stop");
  final Option<String> keepDropped =
      text(
          "",
          "",
          "syncer.to.keep-dropped",
          "how long dropped and truncated tables are kept aside, for RECOVER and FLASHBACK");
  final Option<String> readTimeout =
      text("1m", "", "syncer.to.read-timeout", "limit of one statement; a bare number means days");
  final Option<Object> params = shaped("syncer.to.params", Shape.textMap(), Map.of());
  final Option<Boolean> merge =
      flag(
          false,
          "",
          "syncer.to.merge",
          "accepted and without effect: rows of one key are always folded");
  final Option<String> dir = text("", "", "syncer.to.dir", "folder of the file target");
  final Option<Long> retentionTime =
      number(0, "", "syncer.to.retention-time", "days to keep files, 0 = for ever");
  final OtherTargetOptions otherTargets = new OtherTargetOptions(builder);

  final Option<String> checkpointType =
      text("", "", "syncer.to.checkpoint.type", "mysql or tidb; default: at the target");
  final Option<String> checkpointSchema =
      text("tidb_binlog", "", "syncer.to.checkpoint.schema", "database of the checkpoint");
  final Option<String> checkpointTable =
      text("checkpoint", "", "syncer.to.checkpoint.table", "table of the checkpoint");
  final EndpointOptions checkpoint = new EndpointOptions(builder, "syncer.to.checkpoint");

  final Settings settings = builder.build();

  /** Numbers that are read elsewhere, or only by what this release does not have. */
  List<Option<Long>> neverNegative() {
    List<Option<Long>> all = new ArrayList<>(otherTargets.numbers());
    all.addAll(List.of(retentionTime, relayMaxFileSize, channelId));
    return all;
  }

  private static String defaultAddr() {
    return Addresses.firstIpv4() + ":" + DEFAULT_PORT;
  }

  private Option<String> text(String fallback, String flag, String key, String doc) {
    return builder.option(Kind.STRING, fallback).flag(flag).key(key).doc(doc).add();
  }

  private Option<Long> number(long fallback, String flag, String key, String doc) {
    return builder.option(Kind.INT, fallback).flag(flag).key(key).doc(doc).add();
  }

  private Option<Boolean> flag(boolean fallback, String flag, String key, String doc) {
    return builder.option(Kind.BOOL, fallback).flag(flag).key(key).doc(doc).add();
  }

  private Option<Object> shaped(String key, Shape shape, Object fallback) {
    return builder.option(Kind.shaped(shape), fallback).key(key).doc("see conf/drainer.toml").add();
  }
}
