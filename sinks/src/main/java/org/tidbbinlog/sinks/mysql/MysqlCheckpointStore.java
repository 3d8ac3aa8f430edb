package org.tidbbinlog.sinks.mysql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.CheckpointStore;
import org.tidbbinlog.sinks.mysql.ledger.CheckpointTwin;
import org.tidbbinlog.sinks.mysql.ledger.LedgerTable;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.sinks.mysql.target.TargetFault;

/**
 * The original's checkpoint row, which every era of it can read: table {@code
 * <schema>.<table>(clusterID, checkPoint)}, JSON in a fixed order of keys. A save also tells the
 * ledger beside it, in the same transaction, and never moves the row back (I6). Thread-safe.
 * Source: drainer section 6.
 */
public final class MysqlCheckpointStore implements CheckpointStore {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int NO_SUCH_TABLE = 1146;
  private static final String LEDGER = "ledger";

  private final TargetConnector connector;
  private final String table;
  private final String cluster;
  private final LedgerTable ledger;
  private final @Nullable CheckpointTwin twin;
  private @Nullable SqlSession session;
  private String storedLedgerId = "";

  private MysqlCheckpointStore(
      TargetConnector connector, String tableName, long clusterId, @Nullable CheckpointTwin twin) {
    this.twin = twin;
    String schema = connector.settings().ledgerSchema();
    this.connector = connector;
    this.table = SqlText.name(schema, tableName);
    this.cluster = Long.toUnsignedString(clusterId);
    this.ledger = new LedgerTable(schema, clusterId);
  }

  /** The original's table name when the checkpoint is kept with the target. */
  public static final String TABLE = "checkpoint";

  public static MysqlCheckpointStore open(MysqlTargetSettings settings, long clusterId) {
    return open(settings, TABLE, clusterId);
  }

  /**
   * Connects and creates schema and table where they are missing.
   *
   * @param settings where the checkpoint is kept; {@code ledgerSchema} is its schema
   * @param tableName {@code checkpoint.table}
   * @throws OperatorException when the server cannot be used
   */
  public static MysqlCheckpointStore open(
      MysqlTargetSettings settings, String tableName, long clusterId) {
    return open(TargetConnector.probe(settings), tableName, clusterId, null);
  }

  /**
   * A checkpoint on another server than the target.
   *
   * @param settings where the checkpoint is kept
   * @param target where the rows and their ledger are
   */
  public static MysqlCheckpointStore openElsewhere(
      MysqlTargetSettings settings, String tableName, MysqlTargetSettings target, long clusterId) {
    CheckpointTwin twin = CheckpointTwin.open(TargetConnector.probe(target), clusterId);
    try {
      return open(TargetConnector.probe(settings), tableName, clusterId, twin);
    } catch (RuntimeException e) {
      twin.close();
      throw e;
    }
  }

  private static MysqlCheckpointStore open(
      TargetConnector connector, String tableName, long clusterId, @Nullable CheckpointTwin twin) {
    MysqlCheckpointStore store = new MysqlCheckpointStore(connector, tableName, clusterId, twin);
    try {
      SqlSession session = store.session();
      session.execute(
          "create database if not exists " + SqlText.name(connector.settings().ledgerSchema()));
      session.execute(
          "create table if not exists "
              + store.table
              + " (clusterID bigint unsigned primary key, checkPoint MEDIUMTEXT)");
      return store;
    } catch (SQLException e) {
      store.close();
      throw TargetConnector.refused(connector.settings(), e);
    }
  }

  @Override
  public synchronized Optional<Checkpoint> load() {
    try {
      Optional<Checkpoint> stored = read("");
      requireOurs(stored);
      return stored.filter(checkpoint -> !checkpoint.commitTs().isZero());
    } catch (SQLException e) {
      close();
      throw TargetConnector.refused(connector.settings(), e);
    }
  }

  /** Where a sink at the target goes on from what was loaded here. */
  synchronized ResumeFrom resumeFrom(Optional<Checkpoint> loaded, Tso start) {
    if (loaded.isEmpty()) {
      return ResumeFrom.initial(start);
    }
    boolean notOurs = twin == null || storedLedgerId.isEmpty();
    if (notOurs && loaded.get().consistent()) {
      return ResumeFrom.complete(start);
    }
    return twin == null
        ? ResumeFrom.checkpoint(start)
        : ResumeFrom.elsewhere(start, storedLedgerId);
  }

  /**
   * The ledger is in use from here on: a row on another server that does not name it is stored
   * again with its name, before anything is applied.
   */
  synchronized void claim(Optional<Checkpoint> loaded) {
    CheckpointTwin other = twin;
    if (other != null && loaded.isPresent() && !other.id().equals(storedLedgerId)) {
      save(loaded.get());
    }
  }

  @Override
  public synchronized void save(Checkpoint checkpoint) {
    try {
      SqlSession open = session();
      open.execute("begin");
      Optional<Checkpoint> stored = read(" for update");
      requireOurs(stored);
      if (stored.isPresent() && stored.get().commitTs().isAfter(checkpoint.commitTs())) {
        close();
        throw new OperatorException(
            "checkpoint "
                + table
                + " at "
                + connector.settings().endpoint()
                + " is at "
                + stored.get().commitTs()
                + ", ahead of our "
                + checkpoint.commitTs()
                + ": another Drainer of this cluster moved it; stop one of the two");
      }
      CheckpointTwin other = twin;
      if (other != null) {
        Tso before = stored.map(Checkpoint::commitTs).orElse(checkpoint.commitTs());
        other.aboutToSave(before, checkpoint.commitTs());
      }
      open.execute(
          "replace into "
              + table
              + " values("
              + cluster
              + ", "
              + SqlText.string(json(checkpoint, other == null ? "" : other.id()))
              + ")");
      if (other == null) {
        tellLedger(open, checkpoint.commitTs());
      }
      open.execute("commit");
      storedLedgerId = other == null ? "" : other.id();
    } catch (SQLException e) {
      close();
      if (!TargetFault.of(e).isPassing()) {
        throw TargetConnector.refused(connector.settings(), e);
      }
      throw new RetryableException(
          "checkpoint "
              + table
              + " at "
              + connector.settings().endpoint()
              + ": "
              + TargetFault.brief(e)
              + TargetFault.of(e).wayOut(),
          e);
    }
  }

  /**
   * A row that names a ledger is that one's alone: whoever else went on from it and moved it would
   * make the other target lose what lies between, in silence.
   *
   * @throws OperatorException when the row names a ledger that is not ours, or names none and is
   *     the one that the ledger beside it saw stored
   */
  private void requireOurs(Optional<Checkpoint> stored) throws SQLException {
    if (stored.isEmpty()) {
      return;
    }
    CheckpointTwin other = twin;
    Tso commitTs = stored.get().commitTs();
    ForeignRow row =
        new ForeignRow(connector.settings().endpoint(), table, cluster, storedLedgerId);
    if (storedLedgerId.isEmpty()) {
      if (other != null && isOfLedgerBeside(other, commitTs)) {
        close();
        throw row.refusedBeside(ledger, commitTs);
      }
      return;
    }
    String ours = other == null ? ledgerBeside().name() : other.id();
    if (!storedLedgerId.equals(ours)) {
      MysqlTargetSettings target = other == null ? connector.settings() : other.target();
      close();
      throw row.refused(target, ours, commitTs);
    }
  }

  /** The server is another Drainer's target, and not ours under another address. */
  private boolean isOfLedgerBeside(CheckpointTwin ours, Tso commitTs) throws SQLException {
    LedgerTable.Identity beside = ledgerBeside();
    return !commitTs.isZero()
        && beside.checkpoint().equals(commitTs)
        && !beside.name().equals(ours.id());
  }

  /** The ledger in the checkpoint's own schema. */
  private LedgerTable.Identity ledgerBeside() throws SQLException {
    try {
      return ledger.identity(session());
    } catch (SQLException e) {
      if (e.getErrorCode() != NO_SUCH_TABLE) {
        throw e;
      }
      return LedgerTable.Identity.NONE;
    }
  }

  /** As long as the rows wait for their target. */
  @Override
  public Duration patience() {
    return connector.settings().apply().retryLimit();
  }

  /** No ledger here yet before the first sink is opened. */
  private void tellLedger(SqlSession open, Tso commitTs) throws SQLException {
    try {
      open.execute(ledger.saveCheckpoint(commitTs));
    } catch (SQLException e) {
      if (e.getErrorCode() != NO_SUCH_TABLE) {
        throw e;
      }
    }
  }

  private Optional<Checkpoint> read(String suffix) throws SQLException {
    List<List<String>> rows =
        session().query("select checkPoint from " + table + " where clusterID=" + cluster + suffix);
    return rows.isEmpty() ? Optional.empty() : Optional.of(parse(rows.get(0).get(0)));
  }

  private Checkpoint parse(String text) {
    JsonNode root;
    try {
      root = JSON.readTree(text.isEmpty() ? "{}" : text);
    } catch (JsonProcessingException e) {
      throw new OperatorException(
          "checkpoint row of cluster "
              + cluster
              + " in "
              + table
              + " is not JSON; repair it, or delete it and give initial-commit-ts",
          e);
    }
    storedLedgerId = root.path(LEDGER).asText("");
    Map<String, Long> tsMap = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : root.path("ts-map").properties()) {
      tsMap.put(eraless(entry.getKey()), entry.getValue().asLong());
    }
    return new Checkpoint(
        root.path("consistent").asBoolean(false),
        new Tso(root.path("commitTS").asLong()),
        tsMap,
        root.path("schema-version").asLong());
  }

  /** Before v3.0.16 and v4.0.3 the keys had other names. */
  private static String eraless(String key) {
    return switch (key) {
      case "master-ts" -> "primary-ts";
      case "slave-ts" -> "secondary-ts";
      default -> key;
    };
  }

  /** Other programs pass over the ledger's name, and lose it when they write the row. */
  private static String json(Checkpoint checkpoint, String ledgerId) {
    StringBuilder text = new StringBuilder();
    text.append("{\"consistent\":").append(checkpoint.consistent());
    text.append(",\"commitTS\":").append(checkpoint.commitTs());
    text.append(",\"ts-map\":{");
    boolean first = true;
    for (Map.Entry<String, Long> entry : new TreeMap<>(checkpoint.tsMap()).entrySet()) {
      text.append(first ? "" : ",").append('"').append(entry.getKey()).append("\":");
      text.append(entry.getValue());
      first = false;
    }
    return text.append("},\"schema-version\":")
        .append(checkpoint.schemaVersion())
        .append(ledgerId.isEmpty() ? "" : ",\"" + LEDGER + "\":\"" + ledgerId + "\"")
        .append('}')
        .toString();
  }

  private SqlSession session() throws SQLException {
    SqlSession open = session;
    if (open == null || !open.isOpen()) {
      open = connector.open();
      session = open;
    }
    return open;
  }

  @Override
  public synchronized void close() {
    SqlSession open = session;
    session = null;
    if (open != null) {
      open.close();
    }
    CheckpointTwin other = twin;
    if (other != null) {
      other.close();
    }
  }
}
