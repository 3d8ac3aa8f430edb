package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.AuditEntry;
import org.tidbbinlog.drainer.airlock.DdlChoice.Action;
import org.tidbbinlog.drainer.airlock.HeldDdl;
import org.tidbbinlog.drainer.airlock.OnDdlError;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Detection;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Dispatch;
import org.tidbbinlog.sinks.mysql.ddl.DdlWatcher;
import org.tidbbinlog.sinks.mysql.ddl.DdlWatcher.Step;

/**
 * Rows of table n are held, and statements that make it are chosen: each runs once, also when the
 * Drainer is killed between any two steps, and none is lost in silence. Tables have no keys, so
 * that a row written twice shows.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class HeldRowsReplacementTest {
  private static final String MAKE = "CREATE TABLE n(v BIGINT)";
  private static final String TWO = MAKE + "; CREATE INDEX i ON n(v)";
  private static final String BAD_SECOND =
      MAKE + "; CREATE INDEX i ON n(absent); ALTER TABLE n COMMENT 'x'";

  @TempDir Path folder = Path.of("");
  private final TargetServer server = TargetKind.MARIADB.server();
  private final String db = "r" + TargetServer.unique();
  private final TableVersion n = table(db, "n", "v");
  private final TableVersion u = table(db, "u", "v");
  private final SinkItem[] stream = {
    transaction(100, insert(u, 0)),
    transaction(110, insert(u, 1), insert(n, 1), insert(u, 1)),
    transaction(120, insert(u, 2)),
    transaction(130, insert(n, 3), insert(u, 3))
  };
  private AirlockStage stage;

  @BeforeEach
  void makeTables() {
    stage = new AirlockStage(server, server.settings(), folder);
    server.execute("create database " + db, "create table " + db + ".u(v bigint)");
  }

  @AfterEach
  void close() {
    stage.close();
  }

  private void start(DdlWatcher watcher) throws Exception {
    stage.watch(watcher).start(OnDdlError.HOLD).submit(stream);
  }

  private HeldDdl startAndReplace(DdlWatcher watcher, String statements) throws Exception {
    start(watcher);
    HeldDdl held = stage.awaitHeld();
    assertThat(held.reason()).isEqualTo(HeldDdl.Reason.NO_TABLE);
    stage.choose(Action.REPLACE, statements);
    return held;
  }

  private static DdlWatcher killAt(Step step, int statement) {
    return (reached, at) -> {
      if (reached == step && at == statement) {
        throw new IllegalStateException("killed");
      }
    };
  }

  private void awaitKilled() {
    assertThat(stage.awaitFailure()).hasMessage("killed");
  }

  private void assertAllApplied() {
    stage.awaitAllApplied();
    assertThat(server.rows("select v from " + db + ".n where v<50")).containsExactly("1", "3");
    assertThat(server.rows("select v from " + db + ".u")).containsExactly("0", "1", "1", "2", "3");
    assertThat(stage.acknowledged()).isEqualTo(new Tso(130));
    assertThat(events()).endsWith(AuditEntry.Event.PASSED);
    assertThat(stage.airlock().unsettled()).isEmpty();
  }

  private List<AuditEntry.Event> events() {
    return stage.airlock().history().stream().map(AuditEntry::event).toList();
  }

  private List<String> indexes() {
    return server.rows(
        "select index_name from information_schema.statistics where table_schema='"
            + db
            + "' order by 1");
  }

  private List<String> comment() {
    return server.rows(
        "select table_comment from information_schema.tables where table_schema='"
            + db
            + "' and table_name='n'");
  }

  static Stream<Arguments> killings() {
    List<Arguments> all = new ArrayList<>();
    for (Dispatch dispatch : Dispatch.values()) {
      for (Step step : Step.values()) {
        if (step != Step.AFTER_DONE) {
          all.add(Arguments.of(dispatch, step, 0));
        }
        all.add(Arguments.of(dispatch, step, 1));
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("killings")
  void replacement_isKilledAtEachStep_andEachStatementRunsOnce(
      Dispatch dispatch, Step step, int statement) throws Exception {
    stage =
        new AirlockStage(server, server.settings().withDispatch(dispatch, Detection.ON), folder);
    HeldDdl unused = startAndReplace(killAt(step, statement), TWO);
    awaitKilled();
    start(DdlWatcher.NONE);
    assertAllApplied();
    assertThat(indexes()).containsExactly("i");
    assertThat(events())
        .containsExactly(AuditEntry.Event.HELD, AuditEntry.Event.REPLACE, AuditEntry.Event.PASSED);

    server.execute("drop index i on " + db + ".n");
    start(DdlWatcher.NONE);
    assertAllApplied();
    assertThat(indexes()).as("what has passed does not run when the stream comes again").isEmpty();
    assertThat(events()).hasSize(3);
  }

  /** Also after a kill. */
  private void holdAtTheSecond() throws Exception {
    HeldDdl unused = startAndReplace(DdlWatcher.NONE, BAD_SECOND);
    assertHeldAtTheSecond();
    start(DdlWatcher.NONE);
    assertHeldAtTheSecond();
    assertThat(server.rows("select v from " + db + ".n")).isEmpty();
    stage.awaitRows("select v from " + db + ".u where v<>3", "0", "1", "1", "2");
    assertThat(stage.acknowledged()).isEqualTo(new Tso(100));
  }

  private void assertHeldAtTheSecond() {
    Awaitility.await()
        .ignoreExceptions()
        .until(() -> stage.awaitHeld().reason() == HeldDdl.Reason.REPLACEMENT_REFUSED);
    HeldDdl held = stage.held();
    assertThat(held.commitTs()).isEqualTo(new Tso(110));
    assertThat(held.error())
        .startsWith("statement 2 of 3 of the replacement is refused: ")
        .contains("absent");
    assertThat(held.statementText()).isEqualTo("CREATE INDEX i ON n(absent)");
    assertThat(held.statement()).isEqualTo(1);
    assertThat(held.statements()).isEqualTo(3);
    assertThat(held.schema()).isEqualTo(db);
    assertThat(held.tables()).contains(db + ".n");
    assertThat(held.waysOut()).hasSize(3);
  }

  @Test
  void statementThatIsRefusedBehindTheCreate_keepsTheRowsHeld_andRetryGoesOnAtIt()
      throws Exception {
    holdAtTheSecond();
    server.execute("alter table " + db + ".n add column absent bigint");
    stage.choose(Action.RETRY, "");
    assertAllApplied();
    assertThat(indexes()).containsExactly("i");
    assertThat(comment()).containsExactly("x");
  }

  @Test
  void statementThatIsRefusedBehindTheCreate_isLeftOutBySkip_andThoseBehindItRun()
      throws Exception {
    holdAtTheSecond();
    stage.choose(Action.SKIP, "");
    assertAllApplied();
    assertThat(indexes()).isEmpty();
    assertThat(comment()).containsExactly("x");
    assertThat(stage.counters().rowsLeftOut()).isZero();
  }

  @Test
  void statementThatIsRefusedBehindTheCreate_andThoseBehindIt_areReplaced() throws Exception {
    holdAtTheSecond();
    stage.choose(Action.REPLACE, "CREATE INDEX j ON n(v); CREATE INDEX k ON n(v, absent)");
    Awaitility.await().until(() -> stage.awaitHeld().statementText().contains("INDEX k"));
    assertThat(stage.held().error()).startsWith("statement 3 of 3 of the replacement");
    stage.choose(Action.REPLACE, "CREATE INDEX k ON n(v)");
    assertAllApplied();
    assertThat(indexes()).containsExactly("j", "k");
    assertThat(comment()).containsExactly("");
  }

  @Test
  void refusedCreate_thatIsSkipped_leavesNoRowOut_untilThatIsChosenToo() throws Exception {
    HeldDdl unused = startAndReplace(DdlWatcher.NONE, "CREATE TABLE n(v NONSENSE)");
    assertThat(stage.awaitHeld().reason()).isEqualTo(HeldDdl.Reason.REPLACEMENT_REFUSED);
    stage.choose(Action.SKIP, "");
    assertThat(stage.awaitHeld().reason()).isEqualTo(HeldDdl.Reason.NO_TABLE);
    assertThat(stage.counters().rowsLeftOut()).isZero();
    start(DdlWatcher.NONE);
    assertThat(stage.awaitHeld().reason()).isEqualTo(HeldDdl.Reason.NO_TABLE);
    stage.choose(Action.SKIP, "");
    stage.awaitAllApplied();
    assertThat(stage.counters().rowsLeftOut()).isEqualTo(2);
    assertThat(events()).endsWith(AuditEntry.Event.LEFT_OUT, AuditEntry.Event.PASSED);
  }

  @Test
  void replacementThatMakesNoTable_isHeldAgain_andTheNextOneGoesOnBehindIt() throws Exception {
    HeldDdl unused = startAndReplace(DdlWatcher.NONE, "CREATE TABLE other(v BIGINT)");
    Awaitility.await().until(() -> stage.awaitHeld().statements() == 1);
    assertThat(stage.held().reason()).isEqualTo(HeldDdl.Reason.NO_TABLE);
    stage.watch(killAt(Step.AFTER_STATEMENT, 1)).start(OnDdlError.HOLD).submit(stream);
    assertThat(stage.awaitHeld().error()).contains("the target has no table");
    stage.choose(Action.REPLACE, MAKE);
    awaitKilled();
    start(DdlWatcher.NONE);
    assertAllApplied();
    assertThat(server.rows("show tables from " + db)).containsExactly("n", "other", "u");
  }

  @Test
  void statementOfWhichTheTargetDoesNotTellHowItEnded_isHeld_andNotRunAgain() throws Exception {
    HeldDdl unused =
        startAndReplace(
            killAt(Step.AFTER_STATEMENT, 1),
            MAKE + "; INSERT INTO n VALUES(99); ALTER TABLE n COMMENT 'x'");
    awaitKilled();
    start(DdlWatcher.NONE);
    HeldDdl held = stage.awaitHeld();
    assertThat(held.reason()).isEqualTo(HeldDdl.Reason.REPLACEMENT_END_UNKNOWN);
    assertThat(held.error()).contains("statement 2 of it was interrupted");
    stage.choose(Action.SKIP, "");
    assertAllApplied();
    assertThat(server.rows("select v from " + db + ".n where v=99")).containsExactly("99");
    assertThat(comment()).containsExactly("x");
  }

  @Test
  void tableThatIsLostAgainAfterItsReplacementHasPassed_isMadeByTheNextOne() throws Exception {
    try (Connection other = server.connect();
        Statement by = other.createStatement()) {
      DdlWatcher lock =
          (step, statement) -> {
            if (step == Step.AFTER_DONE && !server.rows("show tables from " + db).contains("w")) {
              lockN(by);
            }
          };
      HeldDdl unused = startAndReplace(lock, TWO);
      Awaitility.await().until(() -> events().contains(AuditEntry.Event.PASSED));
      server.execute("create table " + db + ".w(v bigint)");
      by.execute("drop table " + db + ".n");
      by.execute("unlock tables");
    }
    assertThat(stage.awaitHeld().commitTs()).isEqualTo(new Tso(110));
    stage.choose(Action.REPLACE, TWO);
    assertAllApplied();
    assertThat(indexes()).containsExactly("i");
  }

  private void lockN(Statement by) {
    try {
      by.execute("lock tables " + db + ".n write");
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void choicesThatAreLostWithTheDataDirectory_areAskedForAgain() throws Exception {
    HeldDdl unused = startAndReplace(killAt(Step.AFTER_STATEMENT, 0), TWO);
    awaitKilled();
    stage.close();
    Files.delete(folder.resolve("ddl-audit.log"));
    for (int life = 0; life < 2; life++) {
      start(DdlWatcher.NONE);
      HeldDdl held = stage.awaitHeld();
      assertThat(held.reason()).isEqualTo(HeldDdl.Reason.REPLACEMENT_END_UNKNOWN);
      assertThat(held.error()).contains("what was chosen for it earlier is not in this data-dir");
    }
    stage.choose(Action.REPLACE, "CREATE INDEX a ON n(v); CREATE INDEX b ON n(v)");
    assertAllApplied();
    assertThat(indexes()).containsExactly("a", "b");
  }

  @Test
  void rowsWhoseTableWasMadeByHandWhileNobodyRan_pass() throws Exception {
    start(DdlWatcher.NONE);
    HeldDdl unused = stage.awaitHeld();
    stage.close();
    server.execute("create table " + db + ".n(v bigint)");
    start(DdlWatcher.NONE);
    assertAllApplied();
    assertThat(events()).containsExactly(AuditEntry.Event.HELD, AuditEntry.Event.PASSED);
  }

  @Test
  void replacementThatWasChosenBeforeAKill_isNotForgotten_whenTheTableWasMadeByHand()
      throws Exception {
    start(DdlWatcher.NONE);
    HeldDdl unused = stage.awaitHeld();
    stage.close();
    stage.choose(Action.REPLACE, TWO);
    server.execute("create table " + db + ".n(v bigint)");
    start(DdlWatcher.NONE);
    assertThat(stage.awaitHeld().error()).startsWith("statement 1 of 2 of the replacement");
    assertThat(server.rows("select v from " + db + ".n")).isEmpty();
    stage.choose(Action.SKIP, "");
    assertAllApplied();
    assertThat(indexes()).containsExactly("i");
  }

  @Test
  void ddlThatPassedUnnoticedBeforeAKill_hasPassedAfterIt() throws Exception {
    server.execute("create table " + db + ".n(v bigint)");
    SinkItem ddl = Upstream.ddl(105, db, "n", "ALTER TABLE `n` ADD INDEX `x`(`absent`)");
    stage.watch(killAt(Step.AFTER_DONE, 0)).start(OnDdlError.HOLD).submit(stream[0], ddl);
    HeldDdl unused = stage.awaitHeld();
    stage.choose(Action.REPLACE, "ALTER TABLE n ADD INDEX x(v)");
    awaitKilled();
    stage.watch(DdlWatcher.NONE).start(OnDdlError.HOLD);
    stage.submit(stream[0], ddl).submit(stream[1], stream[2], stream[3]);
    assertAllApplied();
    assertThat(indexes()).containsExactly("x");
  }
}
