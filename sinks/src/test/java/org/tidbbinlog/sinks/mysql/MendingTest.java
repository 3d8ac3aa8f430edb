package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;
import static org.tidbbinlog.sinks.mysql.Upstream.update;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Columns;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Detection;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Dispatch;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.OnDivergence;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.SafeMode;

/**
 * An update in the first of several packets of a transaction finds no row, and is mended: what
 * comes behind it in the transaction runs under its own SQL mode, and so does the mending.
 */
@EachTarget
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class MendingTest {
  private static final String LARGE = "x".repeat(300_000);

  private final String db = "me" + TargetServer.unique();
  private final TargetServer server;
  private final MysqlTargetSettings settings;

  MendingTest(TargetKind kind) {
    this.server = kind.server();
    this.settings =
        server.settings().withDispatch(Dispatch.TRANSACTIONS, Detection.ON).withWorkers(1, 20);
  }

  @BeforeEach
  void createDatabase() {
    server.execute("create database " + db + " collate utf8mb4_bin");
  }

  @AfterEach
  void dropDatabase() {
    server.execute("drop database " + db);
  }

  @Test
  void lenientMending_leavesTheRestOfTheTransactionLenient() throws Exception {
    TableVersion t = table(db, "t", "id", "v");
    server.execute("create table " + db + ".t(id int primary key, v longtext, own int not null)");
    List<RowChange> rows = new ArrayList<>();
    rows.add(update(t, List.of(1, "a"), List.of(1, "b")));
    for (int i = 2; i <= 8; i++) {
      rows.add(insert(t, i, LARGE));
    }
    apply(Columns.PARTIAL, transaction(10, rows));
    assertThat(server.rows("select id, length(v), own from " + db + ".t"))
        .containsExactly(
            "1,1,0",
            "2,300000,0",
            "3,300000,0",
            "4,300000,0",
            "5,300000,0",
            "6,300000,0",
            "7,300000,0",
            "8,300000,0");
  }

  @Test
  void strictMending_amongLenientStatements_cutsNoValue() {
    TableVersion t = table(db, "t", "id", "v");
    TableVersion e = table(db, "e", "id", "e", "v");
    server.execute(
        "create table " + db + ".t(id int primary key, v varchar(3))",
        "create table " + db + ".e(id int primary key, e enum('one'), v longtext)");
    List<RowChange> rows = new ArrayList<>();
    rows.add(update(t, List.of(1, "abc"), List.of(1, "abcdef")));
    for (int i = 1; i <= 7; i++) {
      rows.add(insert(e, i, new ColumnValue.EnumMember(0, ""), LARGE));
    }
    assertThatThrownBy(() -> apply(Columns.FULL, transaction(10, rows)))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("commit ts 10")
        .hasMessageContaining("Data too long");
    assertThat(server.rows("select * from " + db + ".t")).isEmpty();
  }

  private void apply(Columns columns, SinkItem item) throws Exception {
    try (MysqlSink sink =
        TargetServer.open(
            settings.withModes(SafeMode.OFF, columns, OnDivergence.WARN),
            TargetServer.unique(),
            ResumeFrom.initial(new Tso(1)),
            new Acks())) {
      sink.submit(item);
      assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
    }
  }
}
