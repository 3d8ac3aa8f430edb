package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.tidbbinlog.sinks.mysql.Upstream.delete;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;
import static org.tidbbinlog.sinks.mysql.Upstream.update;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.drainer.sink.Divergence;
import org.tidbbinlog.drainer.sink.Divergences;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Columns;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Detection;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Dispatch;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.OnDivergence;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.SafeMode;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;

/** Rows at the target that are not as the binlog says: each is named, counted, and mended. */
@EachTarget
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DivergenceTest {
  private static final String NAMED = "target diverges from the row images";
  private static final String COUNTED = "target goes on diverging";
  private static final String MISSING = "the row is missing";

  private final long cluster = TargetServer.unique();
  private final String db = "d" + TargetServer.unique();
  private final String t = "`" + db + "`.`t`";
  private final TargetServer server;
  private final Divergences seen = new Divergences();

  @AutoClose
  private final ToldLines told = new ToldLines("org.tidbbinlog.sinks.mysql.apply.DivergenceReport");

  private MysqlTargetSettings settings;

  DivergenceTest(TargetKind kind) {
    this.server = kind.server();
    this.settings = server.settings().withWorkers(1, 50);
  }

  @BeforeEach
  void createDatabase() {
    server.execute("create database " + db + " collate utf8mb4_bin");
  }

  @AfterEach
  void dropDatabase() {
    server.execute("drop database " + db);
  }

  private MysqlSink open() {
    return MysqlSink.open(
        settings,
        cluster,
        ResumeFrom.initial(new Tso(1)),
        new Acks(),
        new SinkCounters(SinkCounters.Listener.NONE, seen),
        Clock.system(),
        new Random(1));
  }

  private void apply(SinkItem... items) throws Exception {
    try (MysqlSink sink = open()) {
      for (SinkItem item : items) {
        sink.submit(item);
      }
      assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
    }
  }

  private List<String> rows() {
    return server.rows("select * from " + t);
  }

  private void make(String columns, String... rows) {
    server.execute("create table " + t + "(" + columns + ")");
    for (String row : rows) {
      server.execute("insert into " + t + " values " + row);
    }
  }

  private void wholeTransactions() {
    settings = settings.withDispatch(Dispatch.TRANSACTIONS, Detection.ON);
  }

  private void stopping() {
    settings = settings.withModes(SafeMode.OFF, Columns.FULL, OnDivergence.STOP);
  }

  @Test
  void rowsMissingInOneStatementOfManyTransactions_areNamedEachWithItsOwnCommitTs()
      throws Exception {
    TableVersion version = table(db, "t", "id", "v");
    make("id int primary key, v int");
    for (int id = 0; id <= 20; id++) {
      if (id != 4 && id != 9 && id != 12) {
        server.execute("insert into " + t + " values (" + id + "," + id + ")");
      }
    }
    try (Connection holder = server.connect();
        Statement statement = holder.createStatement();
        MysqlSink sink = open()) {
      statement.execute("begin");
      statement.execute("update " + t + " set v=-1 where id=0");
      sink.submit(transaction(100, delete(version, 0, 0)));
      for (int id = 1; id <= 15; id++) {
        sink.submit(transaction(100 + id, delete(version, id, id)));
      }
      Thread.sleep(200);
      statement.execute("rollback");
      assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
      assertThat(sink.counters().divergences()).isEqualTo(3);
      assertThat(sink.counters().targetTransactions())
          .as("they were together")
          .isLessThanOrEqualTo(2);
    }
    assertThat(told.with(NAMED))
        .containsExactly(
            MISSING + " " + t + " `id`=4 104",
            MISSING + " " + t + " `id`=9 109",
            MISSING + " " + t + " `id`=12 112");
    assertThat(rows()).containsExactly("16,16", "17,17", "18,18", "19,19", "20,20");
    assertThat(seen.recent())
        .extracting(Divergence::key, one -> one.commitTs().value())
        .containsExactly(tuple("`id`=12", 112L), tuple("`id`=9", 109L), tuple("`id`=4", 104L));
  }

  @Test
  void rowMissingAmongSeveralUpdates_isNamedByItsFirstChange_andMended() throws Exception {
    TableVersion version = table(db, "t", "id", "v");
    make("id int primary key, v int", "(1,1),(3,3)");
    wholeTransactions();
    apply(
        transaction(
            100,
            update(version, List.of(1, 1), List.of(1, 10)),
            update(version, List.of(2, 2), List.of(2, 20)),
            update(version, List.of(2, 20), List.of(2, 21)),
            update(version, List.of(3, 3), List.of(3, 30))));
    assertThat(told.with(NAMED)).containsExactly(MISSING + " " + t + " `id`=2 100");
    assertThat(seen.count()).isEqualTo(1);
    assertThat(rows()).containsExactly("1,10", "2,21", "3,30");
  }

  @Test
  void wholeTransaction_withADuplicateAndOtherMisses_tellsThemAll() throws Exception {
    TableVersion version = table(db, "t", "id", "v");
    make("id int primary key, v int", "(1,100),(7,7)");
    wholeTransactions();
    apply(
        transaction(
            100,
            insert(version, 1, 1),
            insert(version, 2, 2),
            update(version, List.of(5, 5), List.of(5, 6)),
            delete(version, 7, 7),
            delete(version, 8, 8)));
    assertThat(told.with(NAMED))
        .hasSize(3)
        .anySatisfy(line -> assertThat(line).isEqualTo(MISSING + " " + t + " `id`=8 100"))
        .anySatisfy(line -> assertThat(line).isEqualTo(MISSING + " " + t + " `id`=5 100"))
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith("the row is there already: 1062 ")
                    .endsWith(" " + t + " `id`=1 100"));
    assertThat(seen.count()).isEqualTo(3);
    assertThat(rows()).containsExactly("1,1", "2,2", "5,6");
  }

  @Test
  void duplicateInsert_isNamedAndReplaced() throws Exception {
    TableVersion version = table(db, "t", "id", "v");
    make("id int primary key, v int", "(1,100)");
    apply(transaction(100, insert(version, 1, 1)), transaction(110, insert(version, 2, 2)));
    assertThat(told.with(NAMED))
        .singleElement()
        .asString()
        .startsWith("the row is there already: 1062 ")
        .endsWith(" " + t + " `id`=1 100");
    assertThat(seen.count()).isEqualTo(1);
    assertThat(rows()).containsExactly("1,1", "2,2");
  }

  @Test
  void duplicateInsert_withStop_stopsNamingTheRow_andKeepsNothing() throws Exception {
    TableVersion version = table(db, "t", "id", "v");
    make("id int primary key, v int", "(1,100)");
    stopping();
    assertThatThrownBy(() -> apply(transaction(100, insert(version, 1, 1), insert(version, 2, 2))))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("target diverges: INSERT on " + t + " of the row `id`=1")
        .hasMessageContaining("at commit ts 100: the row is there already")
        .hasMessageContaining("on-divergence = \"warn\"");
    assertThat(seen.count()).isEqualTo(1);
    assertThat(rows()).containsExactly("1,100");
  }

  @Test
  void missingRowAmongMany_withStop_stopsNamingThatRow_andKeepsNothing() throws Exception {
    TableVersion version = table(db, "t", "id", "v");
    make("id int primary key, v int", "(1,1),(3,3)");
    stopping();
    wholeTransactions();
    assertThatThrownBy(
            () ->
                apply(
                    transaction(
                        100, delete(version, 1, 1), delete(version, 2, 2), delete(version, 3, 3))))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("target diverges: DELETE on " + t + " of the row `id`=2")
        .hasMessageContaining("at commit ts 100: " + MISSING);
    assertThat(seen.count()).isEqualTo(1);
    assertThat(rows()).containsExactly("1,1", "3,3");
  }

  /** With no key all columns say which row it is: bytes in hex, long values cut. */
  @Test
  void missingRowOfATableWithoutKey_isNamedByItsColumns() throws Exception {
    TableVersion version = table(db, "t", "a", "b", "c", "d");
    make("a int, b varbinary(9), c text, d int");
    apply(
        transaction(
            100,
            delete(
                version,
                7,
                new ColumnValue.Binary(new byte[] {0, (byte) 0xAB}),
                "é".repeat(500_000),
                ColumnValue.Null.NULL)));
    String cut = "'" + "é".repeat(16) + "'...";
    assertThat(told.with(NAMED))
        .containsExactly(
            MISSING + " " + t + " `a`=7 AND `b`=x'00AB' AND `c`=" + cut + " AND `d` IS NULL 100");
  }

  @Test
  void rowsThatHandOnTheirKeys_withOneMissing_loseNoOther() throws Exception {
    TableVersion version = table(db, "t", "id", "v");
    make("id int primary key, v int, extra int default 9", "(3,30,9),(4,40,9)");
    wholeTransactions();
    apply(
        transaction(
            100,
            update(version, List.of(1, 10), List.of(2, 10)),
            update(version, List.of(3, 30), List.of(1, 30)),
            update(version, List.of(4, 40), List.of(3, 40))));
    assertThat(rows()).containsExactly("1,30,9", "2,10,9", "3,40,9");
    assertThat(told.with(NAMED)).containsExactly(MISSING + " " + t + " `id`=1 100");
  }

  @Test
  void missingRowThatIsDeletedLaterInItsTransaction_doesNotComeBack() throws Exception {
    TableVersion version = table(db, "t", "id", "v");
    make("id int primary key, v int");
    List<RowChange> changes = new ArrayList<>();
    changes.add(update(version, List.of(1, 1), List.of(1, 2)));
    for (int id = 1_000; id < 1_600; id++) {
      changes.add(insert(version, id, id));
    }
    changes.add(delete(version, 1, 2));
    wholeTransactions();
    apply(transaction(100, changes));
    assertThat(server.rows("select count(*), min(id) from " + t)).containsExactly("600,1000");
    assertThat(told.with(NAMED)).containsExactly(MISSING + " " + t + " `id`=1 100");
  }

  @Test
  void veryManyMissingRows_areNamedUpToABound_andAllCounted() throws Exception {
    TableVersion version = table(db, "t", "id", "v");
    make("id int primary key, v int");
    SinkItem[] items = new SinkItem[1_100];
    for (int i = 0; i < items.length; i++) {
      items[i] = transaction(100 + i, delete(version, i, i));
    }
    apply(items);
    assertThat(seen.count()).isEqualTo(1_100);
    assertThat(seen.recent()).hasSize(16);
    assertThat(told.with(NAMED)).hasSize(1_000).doesNotHaveDuplicates();
    assertThat(
            told.with(COUNTED).stream()
                .mapToLong(line -> Long.parseLong(line.substring(0, line.indexOf(' '))))
                .sum())
        .isEqualTo(100);
    assertThat(told.with(COUNTED)).hasSizeLessThanOrEqualTo(3);
  }
}
