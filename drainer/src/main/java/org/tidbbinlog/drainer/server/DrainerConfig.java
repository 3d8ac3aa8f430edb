package org.tidbbinlog.drainer.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.OnDdlError;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.filter.Loopback;
import org.tidbbinlog.drainer.schema.UnknownActions;
import org.tidbbinlog.drainer.server.DrainerSettings.DestType;
import org.tidbbinlog.drainer.server.DrainerSettings.Detection;
import org.tidbbinlog.drainer.server.DrainerSettings.Dispatch;
import org.tidbbinlog.drainer.source.SourceSettings.Compression;
import org.tidbbinlog.node.config.Addresses;
import org.tidbbinlog.node.config.BadValueException;
import org.tidbbinlog.node.config.GoDuration;
import org.tidbbinlog.node.config.Option;
import org.tidbbinlog.node.config.Values;

/** Reads and checks a run's configuration. Source: drainer sections 1 and 2. */
public final class DrainerConfig {
  private static final List<String> NOT_FROM_ENVIRONMENT =
      List.of("ENABLE_DISPATCH", "DISABLE_DISPATCH", "ENABLE_DETECT", "DISABLE_DETECT");

  private static final long RELAY_FILE_BYTES = 10L << 20;

  private final DrainerOptions options = new DrainerOptions();
  private final Map<String, String> environment;
  private final Values values;

  private DrainerConfig(List<String> arguments, Map<String, String> environment) {
    this.environment = environment;
    Map<String, String> visible = new HashMap<>(environment);
    NOT_FROM_ENVIRONMENT.forEach(name -> visible.remove("BINLOG_SERVER_" + name));
    this.values = options.settings.parse(arguments, visible);
  }

  /**
   * Puts command line, environment and file together.
   *
   * @throws org.tidbbinlog.node.config.CommandExit for help, version and unknown flags
   * @throws OperatorException naming the key that is wrong
   */
  public static DrainerConfig parse(List<String> arguments, Map<String, String> environment) {
    return new DrainerConfig(arguments, environment);
  }

  /** The raw values, for the banner. */
  public Values values() {
    return values;
  }

  /** The checked settings. */
  public DrainerSettings settings() {
    options.neverNegative().forEach(option -> atLeast(0, option));
    DrainerSettings.Syncer syncer = syncer();
    return new DrainerSettings(
        node(),
        new DrainerSettings.Log(
            values.get(options.logLevel),
            values.get(options.logFile),
            values.get(options.logRotate),
            Addresses.requirePushgateway(values.get(options.metricsAddr)),
            Duration.ofSeconds(atLeast(0, options.metricsInterval))),
        syncer,
        destination(),
        checkpoint());
  }

  /**
   * Refuses what is known but not part of this release.
   *
   * @throws OperatorException saying so
   */
  public void requireBuilt(DrainerSettings settings) {
    switch (settings.syncer().destType()) {
      case KAFKA -> throw absent("target of db-type \"kafka\"");
      case FILE -> throw absent("target of db-type \"file\" (pb)");
      case FLASH -> throw absent("target of db-type \"flash\"");
      case ORACLE -> throw absent("target of db-type \"oracle\"");
      case MYSQL, TIDB -> {}
    }
    boolean oracle =
        options.to.isForOracle(values)
            || options.checkpoint.isForOracle(values)
            || values.get(options.checkpointType).equals("oracle");
    if (oracle) {
      throw absent("Oracle target");
    }
  }

  private static OperatorException absent(String what) {
    return new OperatorException(
        "this release has no " + what + ": leave it out, and use db-type mysql or tidb");
  }

  private DrainerSettings.Node node() {
    String addr = values.get(options.addr);
    String advertised = values.get(options.advertiseAddr);
    Addresses.requireListen(addr);
    Addresses.requireAdvertise(advertised.isEmpty() ? addr : advertised);
    String nodeId = values.get(options.nodeId).strip();
    if (nodeId.indexOf('/') >= 0) {
      throw new OperatorException("node-id must not contain a slash: " + nodeId);
    }
    return new DrainerSettings.Node(
        nodeId,
        addr,
        advertised.isEmpty() ? addr : advertised,
        Path.of(values.get(options.dataDir)),
        Duration.ofSeconds(atLeast(1, options.detectInterval)),
        Addresses.requirePdUrls(values.get(options.pdUrls)),
        atLeast(-1, options.initialCommitTs),
        compression(),
        Duration.ofMinutes(atLeast(0, options.syncedCheckTime)),
        options.security.read(values));
  }

  private Compression compression() {
    String name = values.get(options.compressor);
    return switch (name) {
      case "" -> Compression.NONE;
      case "gzip" -> Compression.GZIP;
      default ->
          throw new OperatorException("compressor is \"" + name + "\", must be gzip or empty");
    };
  }

  private DrainerSettings.Syncer syncer() {
    DestType type = destType(values.get(options.destType));
    boolean dispatch = isOn(options.disableDispatch, options.enableDispatch);
    boolean oneWorker = !dispatch || type == DestType.FILE || type == DestType.KAFKA;
    return new DrainerSettings.Syncer(
        type,
        (int) atLeast(1, options.txnBatch),
        oneWorker ? 1 : (int) atLeast(1, options.workerCount),
        (int) atLeast(1, options.cacheBinlogCount),
        dispatch ? Dispatch.ROWS : Dispatch.TRANSACTIONS,
        isOn(options.disableDetect, options.enableDetect) ? Detection.ON : Detection.OFF,
        values.get(options.safeMode) ? DrainerSettings.SafeMode.ON : DrainerSettings.SafeMode.OFF,
        values.get(options.syncDdl)
            ? DrainerSettings.SyncDdl.EXECUTE
            : DrainerSettings.SyncDdl.SKIP,
        values.get(options.loadSchemaSnapshot)
            ? DrainerSettings.SchemaLoad.SNAPSHOT_ONLY
            : DrainerSettings.SchemaLoad.SNAPSHOT_ELSE_HISTORY,
        unknownActions(values.get(options.unknownDdlAction)),
        SqlModes.requireKnown(values.get(options.sqlMode)),
        ignoredCommitTs(),
        filter(),
        loopback(),
        relay());
  }

  private DrainerSettings.Relay relay() {
    long maxBytes = values.get(options.relayMaxFileSize);
    return new DrainerSettings.Relay(
        values.get(options.relayLogDir), maxBytes == 0 ? RELAY_FILE_BYTES : maxBytes);
  }

  private Loopback loopback() {
    return values.get(options.loopbackControl)
        ? Loopback.channel(values.get(options.channelId))
        : Loopback.OFF;
  }

  /** In both directions the bookkeeping of the other Drainer is no data: it has no mark. */
  private FilterSettings filter() {
    FilterSettings filter = new FilterOptions(options, values).read();
    return loopback().isOn()
        ? filter.withIgnoredSchema(values.get(options.checkpointSchema))
        : filter;
  }

  private static UnknownActions unknownActions(String policy) {
    return switch (policy) {
      case "hold" -> UnknownActions.HOLD;
      case "stop" -> UnknownActions.STOP;
      case "ignore" -> UnknownActions.IGNORE;
      default ->
          throw new OperatorException(
              "syncer.unknown-ddl-action is \"" + policy + "\", must be hold, stop or ignore");
    };
  }

  private Set<Tso> ignoredCommitTs() {
    Set<Tso> ignored = new HashSet<>();
    values.get(options.ignoreTxnCommitTs).forEach(ts -> ignored.add(new Tso(ts)));
    return ignored;
  }

  /** The disabling option when it is given anywhere, else the enabling one. */
  private boolean isOn(Option<Boolean> disable, Option<Boolean> enable) {
    return values.isSet(disable) ? !values.get(disable) : values.get(enable);
  }

  private static DestType destType(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "mysql" -> DestType.MYSQL;
      case "tidb" -> DestType.TIDB;
      case "file", "pb" -> DestType.FILE;
      case "kafka" -> DestType.KAFKA;
      case "flash" -> DestType.FLASH;
      case "oracle" -> DestType.ORACLE;
      default ->
          throw new OperatorException("unknown db-type \"" + name + "\": must be mysql or tidb");
    };
  }

  @SuppressWarnings("unchecked") // the option's shape makes a map of texts
  private DrainerSettings.Destination destination() {
    long mode = values.get(options.syncMode);
    if (mode < 0 || mode > 2) {
      throw new OperatorException("syncer.to.sync-mode is " + mode + ", must be 0, 1 or 2");
    }
    return new DrainerSettings.Destination(
        options.to.read(values, EndpointOptions.Fallback.ofTarget(environment), environment),
        mode == 2 ? DrainerSettings.SyncMode.PARTIAL : DrainerSettings.SyncMode.FULL,
        onDivergence(values.get(options.onDivergence)),
        onDdlError(values.get(options.onDdlError)),
        keepDropped(values.get(options.keepDropped)),
        readTimeout(values.get(options.readTimeout)),
        (Map<String, String>) values.get(options.params),
        values.get(options.dir));
  }

  private static DrainerSettings.OnDivergence onDivergence(String policy) {
    return switch (policy) {
      case "warn" -> DrainerSettings.OnDivergence.WARN;
      case "stop" -> DrainerSettings.OnDivergence.STOP;
      default ->
          throw new OperatorException(
              "syncer.to.on-divergence is \"" + policy + "\", must be warn or stop");
    };
  }

  private static OnDdlError onDdlError(String policy) {
    return switch (policy) {
      case "hold" -> OnDdlError.HOLD;
      case "stop" -> OnDdlError.STOP;
      default ->
          throw new OperatorException(
              "syncer.to.on-ddl-error is \"" + policy + "\", must be hold or stop");
    };
  }

  private static Duration keepDropped(String text) {
    try {
      Duration keep = text.isEmpty() ? Duration.ZERO : GoDuration.parse(text);
      if (keep.isNegative()) {
        throw new OperatorException("syncer.to.keep-dropped is " + text + ", must not be negative");
      }
      return keep;
    } catch (BadValueException e) {
      throw new OperatorException("syncer.to.keep-dropped: " + e.reason(), e);
    }
  }

  /** A Go duration; a bare number means days. */
  static Duration readTimeout(String text) {
    try {
      return Duration.ofDays(Long.parseLong(text));
    } catch (NumberFormatException notDays) {
      try {
        return GoDuration.parse(text);
      } catch (BadValueException e) {
        throw new OperatorException("syncer.to.read-timeout: " + e.reason(), e);
      }
    }
  }

  private DrainerSettings.CheckpointAt checkpoint() {
    String name = values.get(options.checkpointType);
    DrainerSettings.CheckpointType type =
        switch (name) {
          case "", "oracle" -> DrainerSettings.CheckpointType.WITH_TARGET;
          case "mysql" -> DrainerSettings.CheckpointType.MYSQL;
          case "tidb" -> DrainerSettings.CheckpointType.TIDB;
          default ->
              throw new OperatorException(
                  "syncer.to.checkpoint.type is \"" + name + "\", must be mysql, tidb or empty");
        };
    return new DrainerSettings.CheckpointAt(
        type,
        values.get(options.checkpointSchema),
        values.get(options.checkpointTable),
        options.checkpoint.read(values, EndpointOptions.Fallback.ofCheckpoint(), environment));
  }

  private long atLeast(long smallest, Option<Long> option) {
    long value = values.get(option);
    if (value < smallest) {
      throw new OperatorException(
          option.name() + " is " + value + ", must be " + smallest + " or more");
    }
    return value;
  }
}
