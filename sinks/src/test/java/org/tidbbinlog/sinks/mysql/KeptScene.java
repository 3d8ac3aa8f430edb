package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tidbbinlog.sinks.mysql.Upstream.column;

import com.fasterxml.jackson.databind.node.NullNode;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.ddl.JobState;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.DbInfo;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.sinks.mysql.ddl.DdlWatcher;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.testkit.schema.TableDraft;

/** A target that keeps what is dropped, a database of the test's own there, and its upstream. */
final class KeptScene {
  static final String KEPT = "tidb_binlog_dropped";

  /** Id of the database, where a test has only one. */
  static final long FIRST = 1;

  final TargetServer server;
  final long cluster;
  final String db;
  final DdlAirlock airlock = DdlAirlock.stopping(Clock.system());
  final MysqlTargetSettings settings;

  KeptScene(TargetServer server) {
    this(server, server.settings().withKeepDropped(Duration.ofHours(24)), "k");
  }

  KeptScene(TargetServer server, MysqlTargetSettings settings, String prefix) {
    this(server, settings, prefix + TargetServer.unique(), TargetServer.unique());
  }

  private KeptScene(TargetServer server, MysqlTargetSettings settings, String db, long cluster) {
    this.server = server;
    this.settings = settings;
    this.db = db;
    this.cluster = cluster;
  }

  /** The same, by way of another port. */
  KeptScene through(int port) {
    MysqlTargetSettings.Endpoint there =
        new MysqlTargetSettings.Endpoint(
            "127.0.0.1", port, "root", "", MysqlTargetSettings.Tls.OFF);
    return new KeptScene(server, settings.withEndpoint(there), db, cluster);
  }

  MysqlSink open(DdlWatcher watcher, Acks acks) {
    return MysqlSink.open(
        TargetConnector.probe(settings),
        cluster,
        ResumeFrom.initial(new Tso(1)),
        acks,
        new SinkCounters(SinkCounters.Listener.NONE),
        Clock.system(),
        new Random(1),
        airlock,
        watcher);
  }

  void apply(SinkItem... items) throws InterruptedException {
    apply(DdlWatcher.NONE, items);
  }

  void apply(DdlWatcher watcher, SinkItem... items) throws InterruptedException {
    Acks acks = new Acks();
    try (MysqlSink sink = open(watcher, acks)) {
      for (SinkItem item : items) {
        sink.submit(item);
      }
      assertThat(sink.drain(Duration.ofSeconds(20))).isTrue();
      assertThat(acks.failure.get()).isNull();
    }
  }

  /** A life in which nothing comes but the clean-up is seen at work. */
  void cleanUp() {
    String name = "k_" + Long.toUnsignedString(cluster) + "_9_canary";
    server.execute(
        "create table " + KEPT + "." + name + "(v int)",
        "insert into "
            + register()
            + " (clusterID, keptName, schemaName, tableName, tableID, commitTs, droppedBy,"
            + " droppedAt) values ("
            + Long.toUnsignedString(cluster)
            + ",'"
            + name
            + "','canary','canary',9,1,'TABLE', now() - interval 25 hour)");
    try (MysqlSink sink = open(DdlWatcher.NONE, new Acks())) {
      assertThat(sink).isNotNull();
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () ->
                  server
                      .rows("select * from " + register() + " where tableName='canary'")
                      .isEmpty());
    }
  }

  String register() {
    return settings.ledgerSchema() + ".drainer_dropped";
  }

  void age(int hours) {
    server.execute("update " + register() + " set droppedAt=now() - interval " + hours + " hour");
  }

  List<String> kept() {
    return server.rows(
        "select table_name from information_schema.tables where table_schema='"
            + KEPT
            + "' and table_name like 'k\\_"
            + Long.toUnsignedString(cluster)
            + "\\_%'");
  }

  List<String> tables() {
    return server.rows("show tables from " + db);
  }

  List<String> rows(String table) {
    return server.rows("select v from " + db + ".`" + table + "`");
  }

  /** Constraint, and what it leads to. */
  List<String> foreignKeys() {
    return server.rows(
        "select constraint_name, table_name, column_name, referenced_table_schema,"
            + " referenced_table_name from information_schema.key_column_usage where"
            + " referenced_table_name is not null and table_schema='"
            + db
            + "'");
  }

  SinkItem made(long ts, long schemaId) {
    return ofDatabase(ts, DdlAction.CREATE_SCHEMA, schemaId, "CREATE DATABASE `" + db + "`");
  }

  SinkItem dropped(long ts, long schemaId) {
    return ofDatabase(ts, DdlAction.DROP_SCHEMA, schemaId, "DROP DATABASE `" + db + "`");
  }

  SinkItem flashback(long ts, long schemaId) {
    return ofDatabase(ts, DdlAction.RECOVER_SCHEMA, schemaId, "FLASHBACK DATABASE `" + db + "`");
  }

  private SinkItem ofDatabase(long ts, DdlAction action, long schemaId, String query) {
    return ddl(ts, action, schemaId, 0, 0, "", query);
  }

  SinkItem tableMade(long ts, long id, String table) {
    String query = "CREATE TABLE `" + table + "` (`v` BIGINT)";
    return ddl(ts, DdlAction.CREATE_TABLE, FIRST, id, id, table, query);
  }

  SinkItem tableMade(long ts, long id, String table, String definitions) {
    String query = "CREATE TABLE `" + table + "` (" + definitions + ")";
    return ddl(ts, DdlAction.CREATE_TABLE, FIRST, id, id, table, query);
  }

  SinkItem tableDropped(long ts, long id, String table) {
    return ddl(ts, DdlAction.DROP_TABLE, FIRST, id, id, table, "DROP TABLE `" + table + "`");
  }

  SinkItem truncated(long ts, long oldId, long newId, String table) {
    String query = "TRUNCATE TABLE `" + table + "`";
    return ddl(ts, DdlAction.TRUNCATE_TABLE, FIRST, oldId, newId, table, query);
  }

  SinkItem recovered(long ts, long id, String table) {
    String query = "RECOVER TABLE `" + table + "`";
    return ddl(ts, DdlAction.RECOVER_TABLE, FIRST, id, id, table, query);
  }

  private SinkItem ddl(
      long ts,
      DdlAction action,
      long schemaId,
      long jobsTableId,
      long tableId,
      String table,
      String query) {
    boolean ofDatabase = table.isEmpty();
    DdlJob job =
        new DdlJob(
            ts,
            action,
            action.number(),
            schemaId,
            jobsTableId,
            db,
            table,
            JobState.SYNCED,
            SchemaState.PUBLIC,
            NullNode.instance,
            query,
            1,
            ofDatabase
                ? new DbInfo(schemaId, CiName.of(db), "utf8mb4", "utf8mb4_bin", SchemaState.PUBLIC)
                : null,
            ofDatabase ? null : TableDraft.plain(tableId, table, List.of(column(0, "v"))).done(),
            List.of(),
            ts);
    return new SinkItem.Ddl(
        new Tso(ts), 1, job, query, db, table, SinkItem.Execution.EXECUTE, new StageTimes());
  }
}
