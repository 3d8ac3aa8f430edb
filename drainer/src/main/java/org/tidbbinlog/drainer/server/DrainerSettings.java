package org.tidbbinlog.drainer.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.OnDdlError;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.filter.Loopback;
import org.tidbbinlog.drainer.schema.UnknownActions;
import org.tidbbinlog.drainer.source.SourceSettings.Compression;
import org.tidbbinlog.node.net.TlsSettings;

/** Everything one run is configured with, checked. Source: drainer sections 1 and 2. */
public record DrainerSettings(
    Node node, Log log, Syncer syncer, Destination to, CheckpointAt checkpoint) {

  /**
   * The process itself.
   *
   * @param nodeId "" when not given: then host name and port
   * @param initialCommitTs -1 means now
   * @param syncedAfter without a change at the target for so long it counts as synced
   */
  public record Node(
      String nodeId,
      String addr,
      String advertiseAddr,
      Path dataDir,
      Duration detectInterval,
      List<String> pdUrls,
      long initialCommitTs,
      Compression compression,
      Duration syncedAfter,
      TlsSettings security) {
    public Node {
      pdUrls = List.copyOf(pdUrls);
    }
  }

  /**
   * Log and metrics.
   *
   * @param metricsAddr Pushgateway, "" when none
   */
  public record Log(
      String level, String file, String rotate, String metricsAddr, Duration metricsInterval) {}

  /** What becomes one target transaction. */
  public enum Dispatch {
    ROWS,
    TRANSACTIONS
  }

  /** Whether rows that share a key keep their order. */
  public enum Detection {
    ON,
    OFF
  }

  /** Whether rows are written so that writing them again does no harm. */
  public enum SafeMode {
    OFF,
    ON
  }

  /** {@code sync-ddl}. */
  public enum SyncDdl {
    EXECUTE,
    SKIP
  }

  /** {@code load-schema-snapshot}. */
  public enum SchemaLoad {
    SNAPSHOT_ELSE_HISTORY,
    SNAPSHOT_ONLY
  }

  /** {@code db-type}, with {@code pb} already read as {@code file}. */
  public enum DestType {
    MYSQL,
    TIDB,
    FILE,
    KAFKA,
    FLASH,
    ORACLE
  }

  /**
   * The {@code [syncer]} section.
   *
   * @param workerCount 1 when transactions are kept together
   * @param queueCapacity {@code cache-binlog-count}
   * @param sqlMode "" when unset
   */
  public record Syncer(
      DestType destType,
      int txnBatch,
      int workerCount,
      int queueCapacity,
      Dispatch dispatch,
      Detection detection,
      SafeMode safeMode,
      SyncDdl syncDdl,
      SchemaLoad schemaLoad,
      UnknownActions unknownActions,
      String sqlMode,
      Set<Tso> ignoredCommitTs,
      FilterSettings filter,
      Loopback loopback,
      Relay relay) {
    public Syncer {
      ignoredCommitTs = Set.copyOf(ignoredCommitTs);
    }
  }

  /**
   * The {@code [syncer.relay]} section.
   *
   * @param dir "" when there is no relay log
   */
  public record Relay(String dir, long maxFileBytes) {
    public boolean isOn() {
      return !dir.isEmpty();
    }
  }

  /** A database server and who we are there. */
  public record Endpoint(
      String host, int port, String user, String password, TlsSettings security) {
    @Override
    public String toString() {
      return user + "@" + host + ":" + port;
    }
  }

  /** {@code sync-mode}: full (0, 1) or partial (2) columns. */
  public enum SyncMode {
    FULL,
    PARTIAL
  }

  /** {@code on-divergence}: what to do when rows at the target are not as the binlog says. */
  public enum OnDivergence {
    WARN,
    STOP
  }

  /**
   * The {@code [syncer.to]} section.
   *
   * @param keepDropped how long dropped and truncated tables are kept aside; zero: not at all
   * @param params session variables of every connection
   * @param dir folder of the file sink, "" means the data directory
   */
  public record Destination(
      Endpoint endpoint,
      SyncMode syncMode,
      OnDivergence onDivergence,
      OnDdlError onDdlError,
      Duration keepDropped,
      Duration readTimeout,
      Map<String, String> params,
      String dir) {
    public Destination {
      params = Map.copyOf(params);
    }
  }

  /** Where the checkpoint of a database target is kept. */
  public enum CheckpointType {
    /** At the target. */
    WITH_TARGET,
    MYSQL,
    TIDB
  }

  /**
   * The {@code [syncer.to.checkpoint]} section.
   *
   * @param endpoint used unless the type is {@link CheckpointType#WITH_TARGET}
   */
  public record CheckpointAt(CheckpointType type, String schema, String table, Endpoint endpoint) {}
}
