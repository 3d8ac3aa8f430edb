package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.AuditEntry;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.airlock.DdlChoice.Action;
import org.tidbbinlog.drainer.airlock.HeldDdl;
import org.tidbbinlog.drainer.airlock.OnDdlError;
import org.tidbbinlog.drainer.airlock.StreamBehind;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Detection;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Dispatch;

/**
 * The CREATE of table n is refused and skipped, then rows of n come: they are held, others go on,
 * and people choose. Tables have no keys, so that a row written twice shows.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class MissingTableTest {
  @TempDir Path folder = Path.of("");
  private final TargetServer server = TargetKind.MARIADB.server();
  private final String db = "m" + TargetServer.unique();
  private final TableVersion n = table(db, "n", "v");
  private final TableVersion u = table(db, "u", "v");
  private final SinkItem[] stream = {
    Upstream.ddl(100, db, "n", "CREATE TABLE `n` (v BIGINT, CONSTRAINT nonsense)"),
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

  private void awaitU(String... rows) {
    stage.awaitRows("select v from " + db + ".u", rows);
  }

  /** The CREATE is skipped, and the rows of its table are held. */
  private HeldDdl startAndSkipTheCreate() throws Exception {
    stage.start(OnDdlError.HOLD).submit(stream);
    assertThat(stage.awaitHeld().waysOut()).anyMatch(way -> way.contains("held when they come"));
    stage.choose(Action.SKIP, "");
    awaitU("1", "1", "2", "3");
    return stage.awaitHeld();
  }

  private void assertRowsOfN(String... rows) throws Exception {
    stage.awaitAllApplied();
    assertThat(server.rows("select v from " + db + ".n")).containsExactly(rows);
    assertThat(stage.acknowledged()).isEqualTo(new Tso(130));
    awaitU("1", "1", "2", "3");
  }

  @Test
  void rowsOfAMissingTable_areHeld_alsoAfterAKill_andGoOnOnceItIsThere() throws Exception {
    HeldDdl held = startAndSkipTheCreate();
    assertThat(held.commitTs()).isEqualTo(new Tso(110));
    assertThat(held.reason()).isEqualTo(HeldDdl.Reason.NO_TABLE);
    assertThat(held.error()).contains("the target has no table `" + db + "`.`n`");
    assertThat(held.statementText()).isEqualTo("rows of `" + db + "`.`n`");
    assertThat(held.tables()).containsExactly(db + ".n");
    assertThat(stage.behind().waitingTransactions()).isEqualTo(1);
    assertThat(stage.acknowledged()).isEqualTo(new Tso(100));
    stage.choose(Action.RETRY, "");
    assertThat(stage.awaitHeld().commitTs()).isEqualTo(new Tso(110));

    stage.start(OnDdlError.HOLD).submit(stream);
    assertThat(stage.awaitHeld().commitTs()).isEqualTo(new Tso(110));
    server.execute("create table " + db + ".n(v bigint)");
    stage.choose(Action.RETRY, "");
    assertRowsOfN("1", "3");
    assertThat(stage.airlock().lastChoice(new Tso(110))).isEmpty();
  }

  @Test
  void replacement_makesTheTable_orIsRefusedAndHeldAgain() throws Exception {
    HeldDdl unused = startAndSkipTheCreate();
    stage.choose(Action.REPLACE, "CREATE TABLE n(v NONSENSE)");
    assertThat(stage.awaitHeld().error())
        .contains("statement 1 of 1 of the replacement is refused: ");
    stage.choose(Action.REPLACE, "CREATE TABLE n(v BIGINT); ALTER TABLE n COMMENT 'by hand'");
    assertRowsOfN("1", "3");
  }

  @Test
  void skippedRows_areLeftOutAndCounted_overAKill_untilTheTableIsThere() throws Exception {
    HeldDdl unused = startAndSkipTheCreate();
    stage.choose(Action.SKIP, "");
    stage.awaitAllApplied();
    assertThat(stage.counters().rowsLeftOut()).isEqualTo(2);
    assertThat(stage.airlock().leftOut()).containsOnlyKeys("`" + db + "`.`n`");
    assertThat(server.rows("show tables from " + db)).containsExactly("u");

    stage.start(OnDdlError.HOLD).submit(stream).submit(transaction(140, insert(n, 4)));
    stage.awaitAllApplied();
    assertThat(stage.counters().rowsLeftOut()).as("the stream comes again").isEqualTo(3);
    assertThat(stage.airlock().history().stream().map(AuditEntry::event))
        .containsExactly(
            AuditEntry.Event.HELD,
            AuditEntry.Event.SKIP,
            AuditEntry.Event.PASSED,
            AuditEntry.Event.HELD,
            AuditEntry.Event.SKIP,
            AuditEntry.Event.LEFT_OUT,
            AuditEntry.Event.PASSED);
    stage.submit(
        Upstream.ddl(150, db, "n", "CREATE TABLE `n` (v BIGINT)"),
        transaction(160, insert(n, 6), insert(u, 6)));
    stage.awaitAllApplied();
    assertThat(server.rows("select v from " + db + ".n")).containsExactly("6");
    assertThat(stage.airlock().leftOut()).isEmpty();
    awaitU("1", "1", "2", "3", "6");
  }

  /** Killed when one line of the audit log was written; the second table is not asked for again. */
  @Test
  void skipForTwoTables_isEndedByTheNextLife_andAsksForAThirdAnew() throws Exception {
    TableVersion o = table(db, "o", "v");
    TableVersion p = table(db, "p", "v");
    SinkItem rows = transaction(10, insert(n, 1), insert(o, 1), insert(p, 1), insert(u, 1));
    server.execute("create table " + db + ".p(v bigint)");
    stage.start(OnDdlError.HOLD).submit(rows);
    HeldDdl held = stage.awaitHeld();
    stage.close();
    DdlAirlock between = DdlAirlock.open(folder, OnDdlError.HOLD, Clock.system(), action -> {});
    between.hold(held, () -> StreamBehind.NOTHING);
    between.choose(new Tso(10), Action.SKIP, "", new DdlAirlock.Chooser("ann", "10.0.0.7"));
    between.leaveOut(new Tso(10), "`" + db + "`.`n`");

    stage.start(OnDdlError.HOLD).submit(rows);
    stage.awaitAllApplied();
    assertThat(stage.airlock().leftOut()).containsOnlyKeys("`" + db + "`.`n`", "`" + db + "`.`o`");
    assertThat(server.rows("select v from " + db + ".p")).containsExactly("1");
    awaitU("1");
  }

  @Test
  void rowsThatWereLeftOut_doNotComeAfterLaterOnes_whenTheStreamComesAgain() throws Exception {
    HeldDdl unused = startAndSkipTheCreate();
    stage.choose(Action.SKIP, "");
    stage.awaitAllApplied();
    server.execute("create table " + db + ".n(v bigint)");
    Thread.sleep(1_100); // The table is looked for once a second.
    stage.submit(transaction(140, insert(n, 4)));
    stage.awaitAllApplied();
    // Another start than the ledger's: all behind it comes as if it were new.
    stage.start(OnDdlError.HOLD, ResumeFrom.initial(new Tso(105)));
    stage.submit(stream[1], stream[2], stream[3], transaction(140, insert(n, 4)));
    stage.awaitAllApplied();
    assertThat(server.rows("select distinct v from " + db + ".n")).containsExactly("4");
    assertThat(stage.airlock().leftOutRows(Tso.ZERO))
        .containsExactly(
            new DdlAirlock.LeftOutRows("`" + db + "`.`n`", new Tso(110), new Tso(140)));
  }

  @Test
  void choice_thatWasMadeBeforeAKill_isCarriedOutAfterIt() throws Exception {
    HeldDdl unused = startAndSkipTheCreate();
    stage.close();
    // As if the process had ended between the choice and its effect.
    stage.choose(Action.REPLACE, "CREATE TABLE n(v BIGINT)");
    stage.start(OnDdlError.HOLD).submit(stream);
    assertRowsOfN("1", "3");
  }

  @Test
  void transactionsThatAreKeptTogether_waitWhole_andGoWithoutTheRowsThatAreSkipped()
      throws Exception {
    stage =
        new AirlockStage(
            server, server.settings().withDispatch(Dispatch.TRANSACTIONS, Detection.ON), folder);
    stage.start(OnDdlError.HOLD).submit(stream);
    stage.choose(Action.SKIP, "");
    assertThat(stage.awaitHeld().commitTs()).isEqualTo(new Tso(110));
    assertThat(server.rows("select v from " + db + ".u")).isEmpty();
    stage.choose(Action.SKIP, "");
    stage.awaitAllApplied();
    awaitU("1", "1", "2", "3");
    assertThat(stage.counters().rowsLeftOut()).isEqualTo(2);
  }

  @Test
  void rowsOfAMissingTable_behindAHeldDdl_areHeldInTheirTurn() throws Exception {
    stage
        .start(OnDdlError.HOLD)
        .submit(
            Upstream.ddl(50, db, "u", "ALTER TABLE `u` ADD INDEX `x`(`absent`)"),
            transaction(110, insert(n, 1)),
            Upstream.ddl(120, db, "o", "CREATE TABLE `o` (v BIGINT)"),
            transaction(130, insert(n, 3), insert(u, 3)));
    assertThat(stage.awaitHeld().commitTs()).isEqualTo(new Tso(50));
    stage.choose(Action.SKIP, "");
    awaitU("3");
    assertThat(stage.awaitHeld().commitTs()).isEqualTo(new Tso(110));
    assertThat(stage.behind().waitingDdls()).hasSize(1);
    stage.choose(Action.REPLACE, "CREATE TABLE n(v BIGINT)");
    stage.awaitAllApplied();
    assertThat(server.rows("select v from " + db + ".n")).containsExactly("1", "3");
    assertThat(server.rows("show tables from " + db)).containsExactly("n", "o", "u");
  }

  @Test
  void rowsOfAMissingTable_stopTheSink_whereThatIsAskedFor() throws Exception {
    stage.start(OnDdlError.STOP);
    assertThatThrownBy(() -> stage.submit(transaction(110, insert(n, 1))))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("table `" + db + "`.`n` does not exist in the target");
  }
}
