package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tidbbinlog.sinks.mysql.Upstream.delete;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;
import static org.tidbbinlog.sinks.mysql.Upstream.update;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.RowImage;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Columns;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.OnDivergence;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.SafeMode;

/** Rows that the differential machine found not to arrive. */
@EachTarget
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class KeyFormsTest {
  private final TargetServer server;
  private MysqlTargetSettings settings;
  private final String db = "keys" + TargetServer.unique();

  KeyFormsTest(TargetKind kind) {
    this.server = kind.server();
    this.settings = server.settings();
  }

  @BeforeEach
  void createDatabase() {
    server.execute("create database " + db + " collate utf8mb4_bin");
  }

  @AfterEach
  void dropDatabase() {
    server.execute("drop database " + db);
  }

  private List<String> applied(SinkItem... items) throws Exception {
    Acks acks = new Acks();
    try (MysqlSink sink =
        TargetServer.open(settings, TargetServer.unique(), ResumeFrom.initial(new Tso(1)), acks)) {
      for (SinkItem item : items) {
        sink.submit(item);
        assertThat(sink.drain(Duration.ofSeconds(20))).as("%s", acks.failure.get()).isTrue();
      }
      assertThat(sink.counters().divergences()).isZero();
      assertThat(sink.counters().retries()).as("batches that the target refused").isZero();
    }
    return server.rows("select v from " + db + ".t");
  }

  @Test
  void floatInAKey_findsItsRow() throws Exception {
    server.execute("create table " + db + ".t(f float not null primary key, v int)");
    TableVersion t = table(db, "t", "f", "v");
    ColumnValue one = new ColumnValue.Float32(-1033.3447f);
    ColumnValue two = new ColumnValue.Float32(0.1f);
    assertThat(
            applied(
                transaction(100, insert(t, one, 1), insert(t, two, 2)),
                transaction(101, update(t, List.of(one, 1), List.of(one, 3))),
                transaction(102, delete(t, two, 2))))
        .containsExactly("3");
  }

  @Test
  void floatInAKeyOfSeveralColumns_findsItsRow() throws Exception {
    server.execute(
        "create table " + db + ".t(k int not null, f float not null, v int, unique(k,f))");
    TableVersion t = table(db, "t", "k", "f", "v");
    ColumnValue f = new ColumnValue.Float32(576.03516f);
    assertThat(
            applied(
                transaction(100, insert(t, 1, f, 1), insert(t, 2, f, 2)),
                transaction(101, update(t, List.of(1, f, 1), List.of(1, f, 3))),
                transaction(102, delete(t, 2, f, 2))))
        .containsExactly("3");
  }

  @Test
  void updateThatLacksADroppedColumn_isWrittenInSafeMode_thoughTheColumnIsNotNull()
      throws Exception {
    server.execute("create table " + db + ".t(a int, c char(10) not null, v int)");
    settings = settings.withModes(SafeMode.ON, Columns.FULL, OnDivergence.WARN);
    TableVersion t = table(db, "t", "a", "c", "v");
    List<ColumnInfo> all = t.info().columns();
    List<ColumnInfo> columns = List.of(all.get(0), all.get(2));
    List<ColumnValue> before = List.of(Upstream.value(1), Upstream.value(1));
    List<ColumnValue> after = List.of(Upstream.value(1), Upstream.value(3));
    RowChange update =
        new RowChange.Update(t, new RowImage(columns, before), new RowImage(columns, after));
    assertThat(applied(transaction(100, insert(t, 1, "x", 1)), transaction(101, update)))
        .containsExactly("3");
  }

  @Test
  void valuesSwappedUnderAUniquePrefix_areSwapped() throws Exception {
    server.execute(
        "create table " + db + ".t(id int primary key, s varchar(20), v int, unique key us(s(3)))");
    TableVersion t = table(db, "t", "id", "s", "v");
    assertThat(
            applied(
                transaction(100, insert(t, 1, "abc-1", 1), insert(t, 2, "def-2", 2)),
                transaction(
                    101,
                    update(t, List.of(1, "abc-1", 1), List.of(1, "x", 3)),
                    update(t, List.of(2, "def-2", 2), List.of(2, "abc-9", 4)),
                    update(t, List.of(1, "x", 3), List.of(1, "def-9", 5)))))
        .containsExactlyInAnyOrder("5", "4");
  }
}
