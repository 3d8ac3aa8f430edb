package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.TableVersion;

/** Updates of few columns, and images that lack columns while one is being dropped. */
@EachTarget
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class UpdatedColumnsTest {
  private static final String ANY_ORDER = "c10 int, C2 int, c int, ";

  private final String db = "u" + TargetServer.unique();
  private final TargetServer server;

  UpdatedColumnsTest(TargetKind kind) {
    this.server = kind.server();
  }

  @BeforeEach
  void createDatabase() {
    server.execute("create database " + db + " collate utf8mb4_bin");
  }

  @AfterEach
  void dropDatabase() {
    server.execute("drop database " + db);
  }

  private List<String> run(String createColumns, String select, SinkItem... items)
      throws Exception {
    server.execute("create table " + db + ".t(" + createColumns + ")");
    try (MysqlSink sink =
        TargetServer.open(
            server.settings(), TargetServer.unique(), ResumeFrom.initial(new Tso(1)), new Acks())) {
      for (SinkItem item : items) {
        sink.submit(item);
      }
      assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
      assertThat(sink.counters().divergences()).isZero();
    }
    return server.rows("select " + select + " from " + db + ".t");
  }

  @ParameterizedTest
  @ValueSource(strings = {"id int primary key", "id int", "id int, unique key(id)"})
  void updateOfOneColumnAmongAlikeNames_isApplied(String id) throws Exception {
    TableVersion t = table(db, "t", "id", "c", "c10", "C2");
    assertThat(
            run(
                ANY_ORDER + id,
                "id,c,c10,C2",
                transaction(
                    10, insert(t, 1, 1, 0, 2), insert(t, 2, 1, 0, 2), insert(t, 3, 1, 0, 2)),
                transaction(
                    20,
                    update(t, List.of(1, 1, 0, 2), List.of(1, 10, 0, 2)),
                    update(t, List.of(2, 1, 0, 2), List.of(2, 1, 10, 2)),
                    update(t, List.of(3, 1, 0, 2), List.of(3, 1, 0, 20)))))
        .containsExactly("1,10,0,2", "2,1,10,2", "3,1,0,20");
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 56, 57, 64})
  void bitsOfUpdatesThatGoTogether_keepTheirOrder(int width) throws Exception {
    TableVersion t = table(db, "t", "id", "b");
    ColumnValue none = new ColumnValue.Bits(0, width);
    ColumnValue some = new ColumnValue.Bits(300, width);
    ColumnValue all = new ColumnValue.Bits(-1L >>> (64 - width) & ~0x3cL, width);
    assertThat(
            run(
                "id int primary key, b bit(" + width + ")",
                "id,b+0",
                transaction(10, insert(t, 1, none), insert(t, 2, none)),
                transaction(
                    20,
                    update(t, List.of(1, none), List.of(1, some)),
                    update(t, List.of(2, none), List.of(2, all)))))
        .containsExactly("1,300", "2," + Long.toUnsignedString(-1L >>> (64 - width) & ~0x3cL));
  }

  @Test
  void rowReplacedByImageOfOtherColumnOrder_isApplied() throws Exception {
    TableVersion t = table(db, "t", "id", "c", "c10", "C2");
    TableVersion other = table(db, "t", "C2", "c10", "c", "id");
    assertThat(
            run(
                ANY_ORDER + "id int primary key",
                "id,c,c10,C2",
                transaction(
                    10,
                    insert(t, 1, 1, 0, 2),
                    insert(t, 2, 1, 0, 2),
                    insert(t, 3, 1, 0, 2),
                    insert(t, 4, 1, 0, 2)),
                transaction(
                    20,
                    delete(t, 1, 1, 0, 2),
                    insert(other, 2, 0, 10, 1),
                    delete(t, 2, 1, 0, 2),
                    insert(other, 2, 10, 1, 2),
                    delete(t, 3, 1, 0, 2),
                    insert(other, 20, 0, 1, 3),
                    delete(t, 4, 1, 0, 2),
                    insert(other, 2, 0, 1, 4))))
        .containsExactly("1,10,0,2", "2,1,10,2", "3,1,0,20", "4,1,0,2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a int primary key", "a int"})
  void updateWithoutTheDroppedColumn_followsWholeImages_andKeepsTheColumn(String key)
      throws Exception {
    TableVersion whole = table(db, "t", "a", "b", "c");
    TableVersion lacking = table(db, "t", "a", "b");
    List<SinkItem> items = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    long ts = 10;
    for (int round = 0; round < 20; round++) {
      List<RowChange> inserts = new ArrayList<>();
      List<RowChange> updates = new ArrayList<>();
      List<RowChange> more = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        int a = 1000 + round * 100 + i;
        inserts.add(insert(whole, a, 0, a));
        updates.add(update(lacking, List.of(a, 0), List.of(a, 1)));
        more.add(update(whole, List.of(a, 1, a), List.of(a, 2, a)));
        expected.add(a + ",2," + a);
      }
      items.add(transaction(ts++, inserts));
      items.add(transaction(ts++, updates));
      items.add(transaction(ts++, more));
    }
    assertThat(run(key + ", b int, c int not null", "a,b,c", items.toArray(SinkItem[]::new)))
        .isEqualTo(expected);
  }

  @Test
  void updateWithoutTheDroppedColumn_rightAfterItsInsert_keepsTheColumn() throws Exception {
    TableVersion whole = table(db, "t", "a", "b", "c");
    TableVersion lacking = table(db, "t", "a", "b");
    assertThat(
            run(
                "a int primary key, b int, c int",
                "a,b,c",
                transaction(
                    10, insert(whole, 1, 0, 7), update(lacking, List.of(1, 0), List.of(1, 5))),
                transaction(20, insert(whole, 2, 0, 8))))
        .containsExactly("1,5,7", "2,0,8");
  }

  @Test
  void updatesWithoutTheDroppedColumn_thatSwapUniqueValues_insertNoPartOfARow() throws Exception {
    TableVersion whole = table(db, "t", "id", "u", "c");
    RowChange[] swaps = {
      lacking(whole, List.of(1, 10), List.of(1, 30)),
      lacking(whole, List.of(2, 20), List.of(2, 10)),
      lacking(whole, List.of(1, 30), List.of(1, 20))
    };
    assertThat(
            run(
                "id int primary key, u int unique, c int not null",
                "id,u,c",
                transaction(10, insert(whole, 1, 10, 7), insert(whole, 2, 20, 8)),
                transaction(20, swaps)))
        .containsExactly("1,20,7", "2,10,8");
  }

  /** The table has a column more than the images. */
  private static RowChange lacking(TableVersion whole, List<?> before, List<?> after) {
    TableVersion fewer = table(whole.schema(), whole.table(), "id", "u");
    return new RowChange.Update(
        whole, Upstream.image(fewer, before.toArray()), Upstream.image(fewer, after.toArray()));
  }
}
