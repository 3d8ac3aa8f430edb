package org.tidbbinlog.pump.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.node.config.Addresses;
import org.tidbbinlog.node.config.Addresses.HostPort;
import org.tidbbinlog.node.config.Values;
import org.tidbbinlog.node.log.LogRotation;
import org.tidbbinlog.node.net.TlsSettings;
import org.tidbbinlog.pump.storage.GapPolicy;
import org.tidbbinlog.pump.storage.StoreSettings;

/**
 * The checked settings of a run. Source: pump sections 1 to 3.
 *
 * @param socketPath empty = no unix socket
 * @param nodeId empty = the kept or a made-up one
 * @param keep age at which binlogs may be collected
 * @param gcHardCap age at which they are, whatever Drainers say; zero = never
 * @param stopWriteAtBytes available disk space at which writes are refused
 * @param askedBacklog {@code kv_chan_cap}; the store gets what of it the heap can hold
 * @param values what this was made from, for the log
 */
record PumpSettings(
    HostPort listen,
    HostPort advertised,
    String socketPath,
    Path dataDir,
    String nodeId,
    List<String> pdUrls,
    Duration keep,
    Duration gcHardCap,
    Duration heartbeatInterval,
    Duration fakeInterval,
    long maxMessageBytes,
    long stopWriteAtBytes,
    Duration registryTimeout,
    MetricsPush metricsPush,
    LogSettings log,
    TlsSettings tls,
    StoreSettings store,
    Safekeeping.Settings safety,
    long askedBacklog,
    Values values) {
  private static final String EMPTY_ADDR = "127.0.0.1:8250";

  /** Pushgateway; empty address or zero interval = none. */
  record MetricsPush(String address, Duration interval) {}

  /** Empty file = standard output. */
  record LogSettings(String level, String file, LogRotation rotation) {}

  PumpSettings {
    pdUrls = List.copyOf(pdUrls);
  }

  /**
   * @throws org.tidbbinlog.node.config.CommandExit for help, version and flags nobody knows
   * @throws OperatorException for values that cannot be; the text is the original's where it has
   *     one
   */
  static PumpSettings parse(List<String> arguments, Map<String, String> environment) {
    PumpOptions options = new PumpOptions();
    return of(options, options.settings.parse(arguments, environment));
  }

  private static PumpSettings of(PumpOptions options, Values values) {
    String addr = values.get(options.addr);
    String listen = withoutScheme(addr.isEmpty() ? EMPTY_ADDR : addr);
    String advertise = withoutScheme(values.get(options.advertiseAddr));
    Duration keep = KeepTime.parse(values.get(options.gc));
    HostPort listenAt = Addresses.requireListen(listen);
    String cap = values.get(options.gcHardCap);
    return new PumpSettings(
        listenAt,
        Addresses.requireAdvertise(advertise.isEmpty() ? listen : advertise),
        SocketPath.parse(values.get(options.socket)),
        Path.of(values.get(options.dataDir)),
        values.get(options.nodeId),
        Addresses.requirePdUrls(values.get(options.pdUrls)),
        keep,
        cap.isEmpty() ? Duration.ZERO : KeepTime.parse(cap),
        seconds("heartbeat-interval", values.get(options.heartbeatInterval), 2),
        seconds("gen-binlog-interval", values.get(options.fakeInterval), -1),
        positive("max-message-size", values.get(options.maxMessageSize)),
        values.get(options.stopWriteAt),
        values.get(options.etcdDialTimeout),
        new MetricsPush(
            Addresses.requirePushgateway(values.get(options.metricsAddr)),
            Duration.ofSeconds(Math.max(0, values.get(options.metricsInterval)))),
        new LogSettings(
            values.get(options.logLevel),
            values.get(options.logFile),
            LogRotation.of(values.get(options.logRotate))),
        new TlsSettings(
            values.get(options.sslCa),
            values.get(options.sslCert),
            values.get(options.sslKey),
            values.get(options.certAllowedCn)),
        store(options, values),
        safety(options, values),
        backlog(options, values),
        values);
  }

  private static long backlog(PumpOptions options, Values values) {
    long asked = values.get(options.kvChanCap);
    return asked <= 0 ? StoreSettings.DEFAULT_BACKLOG : asked;
  }

  private static StoreSettings store(PumpOptions options, Values values) {
    StoreSettings defaults = StoreSettings.defaults();
    long backlog = backlog(options, values);
    double slowS = values.get(options.slowWriteThreshold);
    return new StoreSettings(
        values.get(options.syncLog) ? StoreSettings.SyncLog.ON : StoreSettings.SyncLog.OFF,
        defaults.segmentBytes(),
        defaults.footerFromBytes(),
        defaults.queueBytes(),
        defaults.groupBytes(),
        StoreSettings.backlogFor(backlog, Runtime.getRuntime().maxMemory()),
        defaults.orderSegmentEntries(),
        defaults.danglingAfter(),
        defaults.resolverThreads(),
        defaults.checkpointBytes(),
        slowS <= 0 ? defaults.slowWrite() : Duration.ofNanos((long) (slowS * 1e9)));
  }

  private static Safekeeping.Settings safety(PumpOptions options, Values values) {
    return new Safekeeping.Settings(
        values.get(options.serveGaps) ? GapPolicy.SKIP : GapPolicy.REFUSE,
        values.get(options.gcSize),
        values.get(options.scrubRate),
        values.get(options.scrubInterval));
  }

  /** Host and port in front of which somebody wrote a scheme. */
  private static String withoutScheme(String address) {
    int scheme = address.indexOf("://");
    return scheme < 0 ? address : address.substring(scheme + 3);
  }

  /** A negative interval would be a busy loop. */
  private static Duration seconds(String option, long value, long insteadOfZero) {
    long seconds = value == 0 && insteadOfZero > 0 ? insteadOfZero : value;
    return Duration.ofSeconds(positive(option, seconds));
  }

  private static long positive(String option, long value) {
    if (value <= 0) {
      throw new OperatorException(option + " is " + value + ", must bigger than 0");
    }
    return value;
  }
}
