package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.sinks.mysql.Upstream.delete;
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
import org.junit.jupiter.api.DisplayName;
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

@EachTarget
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class MysqlSinkTest {
  private final Acks acks = new Acks();
  private final long cluster = TargetServer.unique();
  private final String db = "s" + TargetServer.unique();
  private final TargetServer server;
  private MysqlTargetSettings settings;

  MysqlSinkTest(TargetKind kind) {
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

  private List<String> run(String createColumns, SinkItem... items) throws Exception {
    server.execute("create table " + db + ".t(" + createColumns + ")");
    apply(items);
    return server.rows("select * from " + db + ".t");
  }

  private void apply(SinkItem... items) throws Exception {
    try (MysqlSink sink =
        TargetServer.open(settings, cluster, ResumeFrom.initial(new Tso(1)), acks)) {
      for (SinkItem item : items) {
        sink.submit(item);
      }
      assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
    }
  }

  @Test
  void rowsOfSeveralTransactions_arriveAndAreAcknowledgedInOrder() throws Exception {
    TableVersion t = table(db, "t", "id", "v");
    assertThat(
            run(
                "id int primary key, v int",
                transaction(10, insert(t, 1, 1), insert(t, 2, 2)),
                transaction(20, update(t, List.of(1, 1), List.of(1, 5))),
                transaction(30, delete(t, 2, 2), insert(t, 3, 3))))
        .containsExactly("1,5", "3,3");
    assertThat(acks.last()).isEqualTo(new Tso(30));
  }

  @Test
  @DisplayName("mysql-translate fact 1, mysql-translate fact 2: an insert, then an update by key")
  void insertThenUpdateOfName_endWithTheNewName() throws Exception {
    TableVersion t = table(db, "t", "id", "name");
    assertThat(
            run(
                "id int primary key, name varchar(9)",
                transaction(10, insert(t, 1, "a"), insert(t, 2, "a")),
                transaction(20, update(t, List.of(1, "a"), List.of(1, "b")))))
        .containsExactly("1,b", "2,a");
  }

  @Test
  @DisplayName("mysql-translate fact 4: the primary key finds the row, though declared last")
  void rowThatDiffersInAnotherUniqueKey_isFoundByThePrimaryKey() throws Exception {
    TableVersion t = table(db, "t", "u", "id", "v");
    server.execute(
        "create table " + db + ".t(u int not null, id int, v int, unique key(u), primary key(id))",
        "insert into " + db + ".t values(99,1,0),(7,2,0)");
    apply(
        transaction(10, update(t, List.of(10, 1, 0), List.of(10, 1, 5))),
        transaction(20, delete(t, 8, 2, 0)));
    assertThat(server.rows("select id, v from " + db + ".t")).containsExactly("1,5");
  }

  @Test
  @DisplayName("mysql-translate fact 13: unique values swapped within a transaction")
  void swappedUniqueValues_endSwapped() throws Exception {
    TableVersion t = table(db, "t", "id", "u");
    assertThat(
            run(
                "id int primary key, u int, unique key(u)",
                transaction(10, insert(t, 1, 10), insert(t, 2, 20)),
                transaction(
                    20,
                    update(t, List.of(1, 10), List.of(1, 30)),
                    update(t, List.of(2, 20), List.of(2, 10)),
                    update(t, List.of(1, 30), List.of(1, 20)))))
        .containsExactly("1,20", "2,10");
  }

  @Test
  @DisplayName("mutations fact 11: a row that moves to another partition stays")
  void partitionMove_insertBeforeDeleteOfSameKey_keepsNewRow() throws Exception {
    TableVersion t = Upstream.partitioned(db, "t", "id", "p");
    assertThat(
            run(
                "id int primary key, p int",
                transaction(10, insert(t, 1, 1), insert(t, 2, 2)),
                transaction(20, insert(t, 1, 100), delete(t, 1, 1)),
                transaction(30, insert(t, 2, 5), insert(t, 2, 5), delete(t, 2, 2))))
        .containsExactly("1,100", "2,5");
  }

  @Test
  void keylessDuplicates_areCounted() throws Exception {
    TableVersion t = table(db, "t", "a", "b");
    Object nul = ColumnValue.Null.NULL;
    assertThat(
            run(
                "a int, b varchar(20)",
                transaction(10, insert(t, 1, "x"), insert(t, 1, "x"), insert(t, 2, "y")),
                transaction(20, insert(t, nul, nul), insert(t, nul, nul)),
                transaction(30, delete(t, 1, "x"), update(t, List.of(2, "y"), List.of(2, "z"))),
                transaction(40, delete(t, nul, nul))))
        .containsExactly("1,x", "2,z", "null,null");
  }

  @Test
  @DisplayName("mysql-translate fact 3: a unique key with NULL finds rows by all columns")
  void deleteWithNullInUniqueKey_usesAllColumns() throws Exception {
    TableVersion t = table(db, "t", "a", "b", "c");
    Object nul = ColumnValue.Null.NULL;
    assertThat(
            run(
                "a int, b int, c varchar(5), unique key(a,b)",
                transaction(10, insert(t, 1, nul, "x"), insert(t, 1, nul, "y")),
                transaction(20, delete(t, 1, nul, "x"))))
        .containsExactly("1,null,y");
  }

  @Test
  @DisplayName("mysql-translate fact 7: the largest unsigned key")
  void largestUnsignedKey_arrives() throws Exception {
    TableVersion t = table(db, "t", "id", "v");
    ColumnValue max = new ColumnValue.Unsigned(-1);
    assertThat(
            run(
                "id bigint unsigned primary key, v int",
                transaction(10, insert(t, max, 1), insert(t, 0, 0)),
                transaction(20, update(t, List.of(max, 1), List.of(max, 2)))))
        .containsExactly("0,0", "18446744073709551615,2");
  }

  @Test
  @DisplayName("mysql-translate fact 10: generated columns are never written")
  void generatedColumn_isComputedByTheTarget() throws Exception {
    TableVersion t = table(db, "t", "a");
    List<RowChange> swap =
        List.of(
            update(t, List.of(1), List.of(30)),
            update(t, List.of(2), List.of(1)),
            update(t, List.of(30), List.of(2)));
    assertThat(
            run(
                "a int primary key, b int as (a*2) stored, unique key(b)",
                transaction(10, insert(t, 1), insert(t, 2), insert(t, 7)),
                transaction(20, swap)))
        .containsExactly("1,2", "2,4", "7,14");
  }

  @Test
  @DisplayName("mysql-translate fact 11: a column the target lacks is dropped in sync-mode 2 only")
  void unknownColumn_isDroppedInPartialMode_andStopsInFullMode() throws Exception {
    TableVersion t = table(db, "t", "id", "v", "extra");
    settings = settings.withModes(SafeMode.OFF, Columns.PARTIAL, OnDivergence.WARN);
    assertThat(run("id int primary key, v int", transaction(10, insert(t, 1, 1, 1))))
        .containsExactly("1,1");

    settings = server.settings();
    Acks full = new Acks();
    try (MysqlSink sink =
        TargetServer.open(settings, cluster + 1_000_000, ResumeFrom.initial(new Tso(1)), full)) {
      sink.submit(transaction(10, insert(t, 2, 2, 2)));
      assertThatThrownBy(() -> sink.drain(Duration.ofSeconds(30)))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("1054")
          .hasMessageContaining("commit ts 10")
          .hasMessageContaining("`t`");
    }
    assertThat(full.failure.get()).isInstanceOf(OperatorException.class);
  }

  @Test
  @DisplayName("mysql-translate fact 14: 500 rows are one transaction, or 25 of 20 rows")
  void transactionSize_followsDispatch() throws Exception {
    TableVersion t = table(db, "t", "id");
    List<RowChange> rows = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      rows.add(insert(t, i));
    }
    server.execute("create table " + db + ".t(id int primary key)");
    try (MysqlSink sink =
        TargetServer.open(settings, cluster, ResumeFrom.initial(new Tso(1)), acks)) {
      sink.submit(transaction(10, rows));
      assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
      assertThat(sink.counters().targetTransactions()).isEqualTo(25);
    }
    server.execute("truncate table " + db + ".t");
    try (MysqlSink sink =
        TargetServer.open(
            settings.withDispatch(Dispatch.TRANSACTIONS, Detection.ON),
            cluster + 1_000_000,
            ResumeFrom.initial(new Tso(1)),
            new Acks())) {
      sink.submit(transaction(10, rows));
      assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
      assertThat(sink.counters().targetTransactions()).isEqualTo(1);
    }
    assertThat(server.rows("select count(*) from " + db + ".t")).containsExactly("500");
  }

  @Test
  @DisplayName("mysql-translate fact 5: safe mode replaces what is there")
  void safeMode_overwritesExistingRows() throws Exception {
    TableVersion t = table(db, "t", "id", "v");
    settings = settings.withModes(SafeMode.ON, Columns.FULL, OnDivergence.WARN);
    server.execute("create table " + db + ".t(id int primary key, v int)");
    server.execute("insert into " + db + ".t values(1,100),(2,200)");
    apply(
        transaction(10, insert(t, 1, 1)),
        transaction(20, update(t, List.of(2, 2), List.of(2, 3))),
        transaction(30, update(t, List.of(9, 9), List.of(9, 10))),
        transaction(40, delete(t, 77, 1)));
    assertThat(server.rows("select * from " + db + ".t")).containsExactly("1,1", "2,3", "9,10");
  }

  @Test
  void divergence_isCountedAndMended_orStops() throws Exception {
    TableVersion t = table(db, "t", "id", "v");
    server.execute("create table " + db + ".t(id int primary key, v int)");
    server.execute("insert into " + db + ".t values(1,100)");
    try (MysqlSink sink =
        TargetServer.open(settings, cluster, ResumeFrom.initial(new Tso(1)), acks)) {
      sink.submit(transaction(10, insert(t, 1, 1)));
      sink.submit(transaction(20, update(t, List.of(5, 5), List.of(5, 6))));
      sink.submit(transaction(30, delete(t, 8, 8)));
      assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
      assertThat(sink.counters().divergences()).isEqualTo(3);
    }
    assertThat(server.rows("select * from " + db + ".t")).containsExactly("1,1", "5,6");

    settings = settings.withModes(SafeMode.OFF, Columns.FULL, OnDivergence.STOP);
    try (MysqlSink sink =
        TargetServer.open(
            settings, cluster + 1_000_000, ResumeFrom.initial(new Tso(1)), new Acks())) {
      sink.submit(transaction(40, delete(t, 8, 8)));
      assertThatThrownBy(() -> sink.drain(Duration.ofSeconds(30)))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("diverges");
    }
  }
}
