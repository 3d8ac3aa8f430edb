package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tidbbinlog.sinks.mysql.Upstream.delete;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.update;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.RowImage;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.GivenRows;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Detection;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Dispatch;

/**
 * A DDL takes column b away and its binlog is still to come: deletes lack b, updates have it. Rows
 * of t have no key and some differ in b only.
 */
@EachTarget
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class LeavingColumnsTest {
  private static final long BEFORE = 1;
  private static final long UNDER_WAY = 2;

  /** A DDL of another table was newer. */
  private static final long ITEM_VERSION = 3;

  private static final int WORKERS = 4;

  private final String db = "l" + TargetServer.unique();
  private final TableVersion t = table(db, "t", "a", "b");
  private final TargetServer server;

  LeavingColumnsTest(TargetKind kind) {
    this.server = kind.server();
  }

  @BeforeEach
  void createTable() {
    server.execute("create database " + db, "create table " + db + ".t(a bigint, b bigint)");
  }

  @AfterEach
  void dropDatabase() {
    server.execute("drop database " + db);
  }

  private RowChange deleteWithoutB(int a) {
    RowImage full = Upstream.image(t, a, 0);
    return new RowChange.Delete(
        t, new RowImage(full.columns().subList(0, 1), full.values().subList(0, 1)));
  }

  private static SinkItem transaction(long commitTs, long rowsVersion, RowChange... rows) {
    return new SinkItem.Transaction(
        new Tso(commitTs - 1),
        new Tso(commitTs),
        ITEM_VERSION,
        new GivenRows(List.of(rows), rowsVersion, rows.length * 64L),
        new StageTimes());
  }

  private void apply(Dispatch dispatch, int txnBatch, SinkItem... items) throws Exception {
    MysqlTargetSettings settings =
        server.settings().withWorkers(WORKERS, txnBatch).withDispatch(dispatch, Detection.ON);
    try (MysqlSink sink =
        TargetServer.open(
            settings, TargetServer.unique(), ResumeFrom.initial(new Tso(1)), new Acks())) {
      for (SinkItem item : items) {
        sink.submit(item);
      }
      assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
      assertThat(sink.counters().divergences()).isZero();
    }
  }

  private List<String> values(String column) {
    return server.rows("select " + column + " from " + db + ".t order by 1");
  }

  /** Upstream deletes one of two twins and updates the other; which is which only b tells. */
  @ParameterizedTest
  @CsvSource({"ROWS,1", "ROWS,100", "TRANSACTIONS,1", "TRANSACTIONS,100"})
  void twinOfADeletedRow_isFoundByWhatWillBeLeft(Dispatch dispatch, int txnBatch) throws Exception {
    for (int kept = 10; kept <= 11; kept++) {
      server.execute("delete from " + db + ".t");
      apply(
          dispatch,
          txnBatch,
          transaction(100, BEFORE, insert(t, 1, 10), insert(t, 1, 11)),
          transaction(110, UNDER_WAY, deleteWithoutB(1)),
          transaction(120, UNDER_WAY, update(t, List.of(1, kept), List.of(2, kept))),
          transaction(130, UNDER_WAY, update(t, List.of(2, kept), List.of(3, kept))),
          transaction(140, UNDER_WAY, insert(t, 4, 12), update(t, List.of(4, 12), List.of(5, 12))),
          Upstream.ddl(150, db, "t", "ALTER TABLE `t` DROP COLUMN `b`, ADD INDEX `i`(`a`)"));
      assertThat(values("a")).containsExactly("3", "5");
      server.execute("alter table " + db + ".t drop index i, add column b bigint");
    }
  }

  /** A server that is behind writes rows without a column that is new: it stays. */
  @ParameterizedTest
  @EnumSource(Dispatch.class)
  void columnThatIsNewerThanARow_stillTellsTwinsApart(Dispatch dispatch) throws Exception {
    apply(
        dispatch,
        20,
        transaction(100, BEFORE, insert(t, 1, 10), insert(t, 1, 11), insert(t, 7, 10)),
        transaction(110, BEFORE, deleteWithoutB(7)),
        transaction(120, UNDER_WAY, delete(t, 1, 11)),
        transaction(130, UNDER_WAY, insert(t, 1, 12)),
        transaction(140, UNDER_WAY, update(t, List.of(1, 12), List.of(2, 12))));
    assertThat(values("concat(a,',',b)")).containsExactly("1,10", "2,12");
  }

  /** What was said of a table holds until the next version of it. */
  @ParameterizedTest
  @EnumSource(Dispatch.class)
  void tableThatADdlHasChanged_tellsTwinsApartByAllColumns(Dispatch dispatch) throws Exception {
    TableVersion after = table(db, "t", "a", "b");
    apply(
        dispatch,
        20,
        transaction(100, BEFORE, insert(t, 7, 10), insert(t, 1, 10), insert(t, 1, 11)),
        transaction(110, UNDER_WAY, deleteWithoutB(7)),
        Upstream.ddl(115, db, "t", "ALTER TABLE `t` ADD INDEX `i`(`a`)"),
        transaction(120, UNDER_WAY, delete(after, 1, 11)));
    assertThat(values("concat(a,',',b)")).containsExactly("1,10");
  }
}
