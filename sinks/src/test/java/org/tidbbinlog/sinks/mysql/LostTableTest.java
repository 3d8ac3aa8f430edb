package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlChoice.Action;
import org.tidbbinlog.drainer.airlock.HeldDdl;
import org.tidbbinlog.drainer.airlock.OnDdlError;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Detection;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Dispatch;

/**
 * Somebody drops a table at the target while its rows are with the workers: the sink goes on, the
 * rows are held as if the table had been missing when they came. Tables have no keys, so that a row
 * written twice shows.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class LostTableTest {
  private static final int MUCH = 3000;

  @TempDir Path folder = Path.of("");
  private final TargetServer server = TargetKind.MARIADB.server();
  private final String db = "l" + TargetServer.unique();
  private final TableVersion n = table(db, "n", "v");
  private final TableVersion u = table(db, "u", "v");
  private final TableVersion w = table(db, "w", "v");
  private AirlockStage stage = new AirlockStage(server, server.settings(), folder);
  private final List<SinkItem> stream = new ArrayList<>();

  @AfterEach
  void close() {
    stage.close();
  }

  private void submit(SinkItem... items) throws Exception {
    stream.addAll(List.of(items));
    stage.submit(items);
  }

  /** A first transaction of each table, so that its structure is known; then n is dropped. */
  private void startAndDropN(Dispatch dispatch) throws Exception {
    server.execute("create database " + db);
    for (String name : List.of("n", "u", "w")) {
      server.execute("create table " + db + "." + name + "(v bigint)");
    }
    stage =
        new AirlockStage(server, server.settings().withDispatch(dispatch, Detection.ON), folder);
    stage.start(OnDdlError.HOLD);
    submit(transaction(10, insert(n, 1), insert(u, 1), insert(w, 1)));
    stage.awaitAllApplied();
    server.execute("drop table " + db + ".n");
  }

  private void makeN() {
    server.execute("create table " + db + ".n(v bigint)");
  }

  private void startAgain() throws Exception {
    stage.start(OnDdlError.HOLD).submit(stream.toArray(SinkItem[]::new));
  }

  private HeldDdl awaitHeld(long commitTs) {
    HeldDdl held = stage.awaitHeld();
    assertThat(held.commitTs()).isEqualTo(new Tso(commitTs));
    assertThat(held.reason()).isEqualTo(HeldDdl.Reason.NO_TABLE);
    return held;
  }

  private void awaitRows(String table, String... rows) {
    stage.awaitRows("select v from " + db + "." + table, rows);
  }

  private void assertRows(String table, String... rows) {
    assertThat(server.rows("select v from " + db + "." + table)).containsExactly(rows);
  }

  @ParameterizedTest
  @EnumSource(Dispatch.class)
  void rowsOfALostTable_areHeld_othersGoOn_andComeOnceItIsThereAgain(Dispatch dispatch)
      throws Exception {
    startAndDropN(dispatch);
    submit(
        transaction(20, insert(u, 2)),
        transaction(30, insert(n, 3)),
        transaction(40, insert(w, 4)),
        transaction(50, insert(n, 5)),
        transaction(60, insert(u, 6)));
    assertThat(awaitHeld(30).error()).contains("the target has no table `" + db + "`.`n`");
    awaitRows("u", "1", "2", "6");
    awaitRows("w", "1", "4");
    assertThat(stage.acknowledged()).isEqualTo(new Tso(20));
    assertThat(stage.behind().waitingTransactions()).isEqualTo(1);
    submit(transaction(70, insert(n, 7)), transaction(80, insert(w, 8)));
    awaitRows("w", "1", "4", "8");
    makeN();
    stage.choose(Action.RETRY, "");
    stage.awaitAllApplied();
    assertRows("n", "3", "5", "7");
    assertRows("u", "1", "2", "6");
    assertRows("w", "1", "4", "8");
    assertThat(stage.acknowledged()).isEqualTo(new Tso(80));
  }

  @ParameterizedTest
  @EnumSource(Dispatch.class)
  void rowsOfALostTable_thatAreSkipped_areLeftOutAndCounted(Dispatch dispatch) throws Exception {
    startAndDropN(dispatch);
    submit(
        transaction(20, insert(u, 2), insert(n, 2), insert(n, 2)),
        transaction(30, insert(n, 3)),
        transaction(40, insert(w, 4), insert(n, 4)));
    HeldDdl unused = awaitHeld(20);
    stage.choose(Action.SKIP, "");
    stage.awaitAllApplied();
    assertRows("u", "1", "2");
    assertRows("w", "1", "4");
    assertThat(stage.counters().rowsLeftOut()).isEqualTo(4);
    assertThat(stage.airlock().leftOut()).containsOnlyKeys("`" + db + "`.`n`");
    assertThat(stage.acknowledged()).isEqualTo(new Tso(40));
  }

  @ParameterizedTest
  @EnumSource(Dispatch.class)
  void transactionOfSeveralTables_isWrittenOnce_overAKillWhileHeld(Dispatch dispatch)
      throws Exception {
    startAndDropN(dispatch);
    submit(
        transaction(20, insert(u, 2), insert(n, 2), insert(w, 2), insert(u, 2)),
        transaction(30, insert(w, 3)),
        transaction(40, insert(u, 4), insert(n, 4)));
    HeldDdl unused = awaitHeld(20);
    startAgain();
    HeldDdl again = awaitHeld(20);
    assertThat(again.statementText()).isEqualTo("rows of `" + db + "`.`n`");
    makeN();
    stage.choose(Action.RETRY, "");
    stage.awaitAllApplied();
    assertRows("n", "2", "4");
    assertRows("u", "1", "2", "2", "4");
    assertRows("w", "1", "2", "3");
    assertThat(stage.acknowledged()).isEqualTo(new Tso(40));
  }

  @ParameterizedTest
  @EnumSource(Dispatch.class)
  void tableThatIsLostUnderMuchWork_losesNoRow_andDoublesNone(Dispatch dispatch) throws Exception {
    startAndDropN(dispatch);
    makeN();
    CountDownLatch lost = new CountDownLatch(1);
    Thread feeder = feed(muchWork(), 1000, lost);
    loseN("was");
    lost.countDown();
    HeldDdl unused = stage.awaitHeld();
    makeN();
    stage.choose(Action.RETRY, "");
    feeder.join();
    stage.awaitAllApplied();
    assertNothingLostOrDoubled("n", "was");
  }

  /** Lost twice, and the Drainer killed each time at another moment of what follows. */
  @ParameterizedTest
  @EnumSource(Dispatch.class)
  void killWhileRowsAreTakenBack_losesNoRow_andDoublesNone(Dispatch dispatch) throws Exception {
    startAndDropN(dispatch);
    makeN();
    stream.addAll(muchWork());
    for (int life = 1; life <= 2; life++) {
      List<SinkItem> items = stream.subList(0, 1000 * (life + 1));
      CountDownLatch lost = new CountDownLatch(1);
      stage.start(OnDdlError.HOLD);
      Thread feeder = feed(items, 1000 * life, lost);
      loseN("was" + life);
      lost.countDown();
      Thread.sleep(15L * life - 10);
      stage.start(OnDdlError.HOLD);
      feeder.join();
      feeder = feed(items, items.size(), lost);
      HeldDdl unused = stage.awaitHeld();
      makeN();
      stage.choose(Action.RETRY, "");
      stage.awaitRows("select count(*)>0 from " + db + ".n", "1");
      if (life == 2) {
        feeder.join();
      } else {
        stage.start(OnDdlError.HOLD);
        feeder.join();
      }
    }
    stage.awaitAllApplied();
    assertNothingLostOrDoubled("n", "was1", "was2");
  }

  private List<SinkItem> muchWork() {
    List<SinkItem> items = new ArrayList<>();
    for (int i = 2; i <= MUCH; i++) {
      items.add(transaction(10L * i, insert(u, i), insert(n, i), insert(w, i)));
    }
    return items;
  }

  /** Some of it once n is lost. Ends when the sink is killed. */
  private Thread feed(List<SinkItem> items, int before, CountDownLatch lost) {
    AirlockStage.Feed feed = stage.feed();
    Thread feeder =
        new Thread(
            () -> {
              try {
                for (int i = 0; i < items.size(); i++) {
                  if (i == before) {
                    lost.await();
                  }
                  feed.submit(items.get(i));
                }
              } catch (Exception killed) {
                Thread.currentThread().interrupt();
              }
            },
            "test-feeder");
    feeder.start();
    return feeder;
  }

  /** What is in it stays under another name, so that each row can be counted. */
  private void loseN(String was) {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(10))
        .until(() -> server.rows("select count(*)>50 from " + db + ".n").contains("1"));
    server.execute("rename table " + db + ".n to " + db + "." + was);
  }

  private void assertNothingLostOrDoubled(String... namesOfN) {
    List<String> parts = new ArrayList<>();
    for (String name : namesOfN) {
      parts.add("select v from " + db + "." + name);
    }
    assertThat(
            server.rows(
                "select count(*), count(distinct v) from ("
                    + String.join(" union all ", parts)
                    + ") x"))
        .containsExactly("%d,%d".formatted(MUCH - 1, MUCH - 1));
    for (String table : List.of("u", "w")) {
      assertThat(server.rows("select count(*), count(distinct v) from " + db + "." + table))
          .containsExactly("%d,%d".formatted(MUCH, MUCH));
    }
  }

  @Test
  void databaseThatIsDropped_isHeldTableByTable() throws Exception {
    startAndDropN(Dispatch.ROWS);
    server.execute("drop database " + db);
    submit(transaction(20, insert(u, 2)), transaction(30, insert(w, 3), insert(u, 3)));
    assertThat(awaitHeld(20).tables()).containsExactly(db + ".u");
    stage.choose(Action.REPLACE, "CREATE DATABASE " + db + "; CREATE TABLE " + db + ".u(v BIGINT)");
    Awaitility.await().until(() -> stage.awaitHeld().commitTs().equals(new Tso(30)));
    stage.choose(Action.SKIP, "");
    stage.awaitAllApplied();
    assertRows("u", "2", "3");
  }

  @Test
  void lostTable_inFrontOfRowsThatAreHeldAlready_isHeldFirst() throws Exception {
    startAndDropN(Dispatch.ROWS);
    submit(transaction(20, insert(n, 2)));
    HeldDdl unused = awaitHeld(20);
    server.execute("drop table " + db + ".u");
    submit(transaction(30, insert(u, 3)), transaction(40, insert(w, 4)));
    awaitRows("w", "1", "4");
    assertThat(awaitHeld(20).tables()).containsExactly(db + ".n");
    makeN();
    stage.choose(Action.RETRY, "");
    Awaitility.await().until(() -> stage.awaitHeld().commitTs().equals(new Tso(30)));
    assertRows("n", "2");
    stage.choose(Action.REPLACE, "CREATE TABLE u(v BIGINT)");
    stage.awaitAllApplied();
    assertRows("u", "3");
  }

  @Test
  void ddlBehindRowsOfALostTable_waitsForThem() throws Exception {
    startAndDropN(Dispatch.ROWS);
    List<RowChange> rows = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      rows.add(insert(n, i));
      rows.add(insert(u, 100 + i));
    }
    submit(
        transaction(20, rows),
        Upstream.ddl(30, db, "w", "ALTER TABLE `w` ADD COLUMN `added` INT"),
        transaction(40, insert(u, 4)));
    HeldDdl unused = awaitHeld(20);
    awaitRows("u where v<100", "1", "4");
    assertThat(stage.behind().waitingDdls()).hasSize(1);
    makeN();
    stage.choose(Action.RETRY, "");
    stage.awaitAllApplied();
    assertThat(server.rows("select count(*), count(distinct v) from " + db + ".n"))
        .containsExactly("5000,5000");
    assertThat(server.rows("select count(*), count(distinct v) from " + db + ".u"))
        .containsExactly("5002,5002");
    assertThat(server.rows("select added from " + db + ".w")).containsExactly("null");
  }

  @Test
  void lostTable_stopsTheSink_whereThatIsAskedFor() throws Exception {
    startAndDropN(Dispatch.ROWS);
    makeN();
    stage.start(OnDdlError.STOP).submit(transaction(20, insert(n, 2)));
    stage.awaitAllApplied();
    server.execute("drop table " + db + ".n");
    stage.submit(transaction(30, insert(n, 3)));
    assertThat(stage.awaitFailure())
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("table `" + db + "`.`n` does not exist in the target");
    assertThatThrownBy(() -> stage.submit(transaction(40, insert(u, 4))))
        .isInstanceOf(OperatorException.class);
  }

  @ParameterizedTest
  @EnumSource(Dispatch.class)
  void columnThatIsDroppedByHand_stopsTheSink_withTheWayOut(Dispatch dispatch) throws Exception {
    startAndDropN(dispatch);
    TableVersion wide = table(db, "wide", "v", "x");
    server.execute("create table " + db + ".wide(v bigint, x bigint)");
    submit(transaction(20, insert(wide, 1, 1)));
    stage.awaitAllApplied();
    server.execute("alter table " + db + ".wide drop column x");
    submit(transaction(30, insert(wide, 2, 2)));
    assertThat(stage.awaitFailure())
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("at commit ts 30")
        .hasMessageContaining("Unknown column 'x'")
        .hasMessageContaining("make the target's table take the row, or leave it out with");
    server.execute("alter table " + db + ".wide add column x bigint");
    startAgain();
    stage.awaitAllApplied();
    assertThat(server.rows("select v, x from " + db + ".wide")).containsExactly("1,null", "2,2");
  }

  /** What went without a table's rows comes back because another table is lost. */
  @ParameterizedTest
  @EnumSource(Dispatch.class)
  void rowsThatAreLeftOut_stayLeftOut_whenTheirTransactionComesBack(Dispatch dispatch)
      throws Exception {
    startAndDropN(dispatch);
    skipRowsOfN();
    server.execute("drop table " + db + ".w");
    submit(transaction(30, insert(w, 3)));
    submitRowsOfNAndU();
    HeldDdl unused = awaitHeld(30);
    stage.awaitRows("select count(*), count(distinct v) from " + db + ".u", "39,39");
    server.execute("create table " + db + ".w(v bigint)");
    stage.choose(Action.RETRY, "");
    stage.awaitAllApplied();
    assertRows("w", "3");
    assertThat(stage.counters().rowsLeftOut()).isEqualTo(38);
  }

  @ParameterizedTest
  @EnumSource(Dispatch.class)
  void tableThatIsMadeMeanwhile_getsNoRowFromBeforeItIsTakenAgain(Dispatch dispatch)
      throws Exception {
    startAndDropN(dispatch);
    skipRowsOfN();
    makeN();
    server.execute("drop table " + db + ".w");
    submit(transaction(30, insert(w, 3)));
    submitRowsOfNAndU();
    HeldDdl unused = awaitHeld(30);
    server.execute("create table " + db + ".w(v bigint)");
    stage.choose(Action.RETRY, "");
    stage.awaitAllApplied();
    assertRows("w", "3");
    Thread.sleep(1_100); // The table is looked for once a second.
    submit(transaction(500, insert(n, 50)));
    stage.awaitAllApplied();
    long takenFrom = stage.airlock().leftOutRows(Tso.ZERO).get(0).untilExclusive().value() / 10;
    List<String> taken = new ArrayList<>();
    for (long i = takenFrom; i <= 40; i++) {
      taken.add(String.valueOf(i));
    }
    taken.add("50");
    assertThat(server.rows("select v from " + db + ".n order by v")).isEqualTo(taken);
    assertThat(server.rows("select count(*), count(distinct v) from " + db + ".u"))
        .containsExactly("39,39");
  }

  private void skipRowsOfN() throws Exception {
    submit(transaction(20, insert(n, 2)));
    HeldDdl unused = awaitHeld(20);
    stage.choose(Action.SKIP, "");
    submit(transaction(25, insert(u, 3), insert(w, 2))); // Known again, so that more of them goes.
    stage.awaitAllApplied();
  }

  private void submitRowsOfNAndU() throws Exception {
    for (int i = 4; i <= 40; i++) {
      submit(transaction(10L * i, insert(u, i), insert(n, i)));
    }
  }
}
