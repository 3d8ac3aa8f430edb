package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.schema.PartitionInfo;
import org.tidbbinlog.codec.schema.TableInfo;
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
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.sinks.mysql.ddl.DdlWatcher;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;

/**
 * A DDL that the target refuses is held: what does not depend on it goes on, people choose, nothing
 * is lost or doubled. Tables have no keys, so that a row written twice shows.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class HeldDdlTest {
  private static final DdlAirlock.Chooser ANN = new DdlAirlock.Chooser("ann", "10.0.0.7");
  private static final String UNIQUE = "ALTER TABLE `t` ADD UNIQUE INDEX `u`(`v`)";

  @TempDir Path folder = Path.of("");
  private final TargetServer server = TargetKind.MARIADB.server();
  private final long cluster = TargetServer.unique();
  private final String db = "h" + TargetServer.unique();
  private final TableVersion t = table(db, "t", "v");
  private final TableVersion u = table(db, "u", "v");
  private final TableVersion w = table(db, "w", "v");
  private MysqlTargetSettings settings = server.settings();
  private Acks acks = new Acks();
  private @Nullable MysqlSink opened;
  private DdlAirlock airlock = DdlAirlock.stopping(Clock.system());

  @BeforeEach
  void makeTables() {
    server.execute("create database " + db);
    for (String name : List.of("t", "u", "w")) {
      server.execute("create table " + db + "." + name + "(v bigint)");
    }
    server.execute("insert into " + db + ".t values(1),(1)");
  }

  @AfterEach
  void close() {
    kill();
  }

  /** As the end of the process: nothing is waited for. */
  private void kill() {
    if (opened != null) {
      opened.close();
    }
    opened = null;
  }

  private MysqlSink start() {
    return start(DdlWatcher.NONE);
  }

  /** A new life of the Drainer on the same data directory; the checkpoint is where it began. */
  private MysqlSink start(DdlWatcher watcher) {
    kill();
    acks = new Acks();
    airlock = DdlAirlock.open(folder, OnDdlError.HOLD, Clock.system(), action -> {});
    opened =
        MysqlSink.open(
            TargetConnector.probe(settings),
            cluster,
            ResumeFrom.initial(new Tso(1)),
            acks,
            new SinkCounters(SinkCounters.Listener.NONE),
            Clock.system(),
            new Random(1),
            airlock,
            watcher);
    return opened;
  }

  private SinkItem ddl(long commitTs, String table, String query) {
    return Upstream.ddl(commitTs, db, table, query);
  }

  private List<String> rows(String table) {
    return server.rows("select v from " + db + "." + table);
  }

  private void awaitRows(String table, String... values) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(rows(table)).containsExactly(values));
  }

  private HeldDdl held() {
    return airlock.situation().orElseThrow().ddl();
  }

  private StreamBehind behind() {
    return airlock.situation().orElseThrow().behind();
  }

  private void choose(long commitTs, Action action, String replacement) {
    airlock.choose(new Tso(commitTs), action, replacement, ANN);
  }

  private void awaitState(DdlAirlock.State state) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> {
              assertThat(acks.failure.get()).isNull();
              assertThat(airlock.state()).isEqualTo(state);
            });
  }

  private void assertAllAcknowledged(long last) throws Exception {
    MysqlSink sink = java.util.Objects.requireNonNull(opened);
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(acks.last()).isEqualTo(new Tso(last)));
    assertThat(sink.drain(Duration.ofSeconds(20))).isTrue();
    assertThat(acks.failure.get()).isNull();
  }

  private void submitAll(MysqlSink sink, SinkItem... items) throws Exception {
    for (SinkItem item : items) {
      sink.submit(item);
    }
  }

  /** Rows of t, of u, of both, behind a DDL on t. */
  private SinkItem[] stream(SinkItem ddl) {
    return new SinkItem[] {
      transaction(50, insert(t, 2), insert(u, 2)),
      ddl,
      transaction(110, insert(u, 11)),
      transaction(120, insert(t, 12), insert(u, 12)),
      transaction(130, insert(u, 13), insert(t, 13)),
      transaction(140, insert(w, 14))
    };
  }

  @Test
  void refusedDdl_isHeld_rowsOfItsTablesWait_othersGoOn_nothingIsAcknowledged() throws Exception {
    MysqlSink sink = start();
    submitAll(sink, stream(ddl(100, "t", UNIQUE)));
    awaitRows("u", "11", "12", "13", "2");
    awaitRows("w", "14");
    assertThat(rows("t")).containsExactly("1", "1", "2");
    assertThat(acks.last()).isEqualTo(new Tso(50));
    assertThat(airlock.state()).isEqualTo(DdlAirlock.State.HELD);
    assertThat(held().error()).contains("1062");
    assertThat(held().statementText()).contains("UNIQUE INDEX `u`");
    assertThat(held().tables()).containsExactly(db + ".t");
    assertThat(held().waysOut()).hasSize(3);
    assertThat(behind().waitingTransactions()).isEqualTo(2);
    assertThat(sink.drain(Duration.ofSeconds(20))).isFalse();
  }

  @Test
  void retry_afterTheTargetWasMended_letsAllGoOnInOrder() throws Exception {
    submitAll(start(), stream(ddl(100, "t", UNIQUE)));
    choose(100, Action.RETRY, "");
    awaitState(DdlAirlock.State.HELD);
    assertThat(airlock.situation().orElseThrow().attempts()).isEqualTo(2);
    server.execute("delete from " + db + ".t where v=1 limit 1");
    choose(100, Action.RETRY, "");
    assertAllAcknowledged(140);
    assertThat(rows("t")).containsExactly("1", "12", "13", "2");
    assertThat(rows("u")).containsExactly("11", "12", "13", "2");
    assertThat(indexes()).containsExactly("u");
    assertThat(airlock.history())
        .extracting(AuditEntry::event)
        .containsExactly(
            AuditEntry.Event.HELD,
            AuditEntry.Event.RETRY,
            AuditEntry.Event.HELD,
            AuditEntry.Event.RETRY,
            AuditEntry.Event.PASSED);
  }

  private List<String> indexes() {
    return server.rows(
        "select index_name from information_schema.statistics where table_schema='" + db + "'");
  }

  @Test
  void replace_runsTheOtherStatement_asItWasWritten() throws Exception {
    submitAll(start(), stream(ddl(100, "t", UNIQUE)));
    choose(100, Action.REPLACE, "ALTER TABLE t ADD INDEX plain(v); ALTER TABLE t COMMENT 'x'");
    assertAllAcknowledged(140);
    assertThat(indexes()).containsExactly("plain");
    assertThat(rows("t")).containsExactly("1", "1", "12", "13", "2");
    AuditEntry choice = airlock.history().get(1);
    assertThat(choice.by()).isEqualTo("ann");
    assertThat(choice.from()).isEqualTo("10.0.0.7");
    assertThat(choice.jobId()).isEqualTo(100);
    assertThat(choice.text()).contains("UNIQUE INDEX");
    assertThat(choice.replacement()).contains("INDEX plain");
  }

  @Test
  void skip_goesOnWithoutIt() throws Exception {
    submitAll(start(), stream(ddl(100, "t", UNIQUE)));
    choose(100, Action.SKIP, "");
    assertAllAcknowledged(140);
    assertThat(indexes()).isEmpty();
    assertThat(rows("t")).containsExactly("1", "1", "12", "13", "2");
  }

  @Test
  void replacementThatIsRefused_isHeldAgain_andTheNextChoiceIsForIt() throws Exception {
    submitAll(start(), stream(ddl(100, "t", UNIQUE)));
    choose(100, Action.REPLACE, "ALTER TABLE t COMMENT 'x'; ALTER TABLE t ADD INDEX gone(absent)");
    awaitState(DdlAirlock.State.HELD);
    assertThat(held().statementText()).contains("gone");
    assertThat(held().statement()).isEqualTo(1);
    choose(100, Action.SKIP, "");
    assertAllAcknowledged(140);
    assertThat(
            server.rows(
                "select table_comment from information_schema.tables where table_schema='"
                    + db
                    + "' and table_name='t'"))
        .containsExactly("x");
  }

  @Test
  void choiceForAnotherDdl_orWhenNothingIsHeld_isRefused() throws Exception {
    start();
    assertThatThrownBy(() -> choose(100, Action.SKIP, ""))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("no DDL is held");
    submitAll(java.util.Objects.requireNonNull(opened), ddl(100, "t", UNIQUE));
    assertThatThrownBy(() -> choose(99, Action.SKIP, "")).hasMessageContaining("not 99");
  }

  @Test
  void killedWhileHeld_heldAgain_andNoRowIsDoubledOrLost() throws Exception {
    SinkItem[] items = stream(ddl(100, "t", UNIQUE));
    submitAll(start(), items);
    awaitRows("u", "11", "12", "13", "2");
    MysqlSink next = start();
    submitAll(next, items);
    next.submit(transaction(150, insert(u, 15)));
    awaitRows("u", "11", "12", "13", "15", "2");
    assertThat(airlock.state()).isEqualTo(DdlAirlock.State.HELD);
    assertThat(airlock.history()).hasSize(1);
    choose(100, Action.SKIP, "");
    assertAllAcknowledged(150);
    assertThat(rows("t")).containsExactly("1", "1", "12", "13", "2");
    assertThat(rows("w")).containsExactly("14");
    MysqlSink third = start();
    submitAll(third, items);
    third.submit(transaction(150, insert(u, 15)));
    assertAllAcknowledged(150);
    assertThat(rows("u")).containsExactly("11", "12", "13", "15", "2");
    assertThat(rows("t")).containsExactly("1", "1", "12", "13", "2");
  }

  @Test
  void choice_thatWasMadeBeforeAKill_isCarriedOutAfterIt() throws Exception {
    SinkItem[] items = stream(ddl(100, "t", UNIQUE));
    AtomicBoolean chosen = new AtomicBoolean();
    MysqlSink sink =
        start(
            (step, statement) -> {
              if (chosen.get()) {
                throw new IllegalStateException("killed at " + step);
              }
            });
    submitAll(sink, items);
    chosen.set(true);
    choose(100, Action.REPLACE, "ALTER TABLE t ADD INDEX plain(v)");
    Awaitility.await().untilAsserted(() -> assertThat(acks.failure.get()).isNotNull());
    assertThat(indexes()).isEmpty();
    submitAll(start(), items);
    assertAllAcknowledged(140);
    assertThat(indexes()).containsExactly("plain");
    assertThat(rows("t")).containsExactly("1", "1", "12", "13", "2");
    assertThat(airlock.history())
        .extracting(AuditEntry::event)
        .containsExactly(AuditEntry.Event.HELD, AuditEntry.Event.REPLACE, AuditEntry.Event.PASSED);
  }

  @Test
  void workByHandWhileHeld_isNotTakenForTheDdl_afterAKill() throws Exception {
    SinkItem[] items = stream(ddl(100, "t", UNIQUE));
    submitAll(start(), items);
    kill();
    server.execute(
        "alter table " + db + ".t comment 'mended', add column by_hand int",
        "alter table " + db + ".t drop column by_hand",
        "delete from " + db + ".t where v=1 limit 1");
    submitAll(start(), items);
    assertAllAcknowledged(140);
    assertThat(indexes()).containsExactly("u");
  }

  @Test
  void ddlBehindAHeldOne_waitsWithItsTable_andIsHeldInItsTurn() throws Exception {
    submitAll(
        start(),
        ddl(100, "t", UNIQUE),
        transaction(110, insert(u, 11), insert(t, 11)),
        ddl(120, "u", "ALTER TABLE `u` ADD INDEX `x`(`absent`)"),
        transaction(130, insert(u, 13), insert(t, 13), insert(w, 13)));
    awaitRows("w", "13");
    awaitRows("u", "11");
    assertThat(behind().waitingDdls())
        .extracting(StreamBehind.WaitingDdl::commitTs)
        .containsExactly(new Tso(120));
    choose(100, Action.SKIP, "");
    Awaitility.await()
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(held().commitTs()).isEqualTo(new Tso(120)));
    awaitRows("t", "1", "1", "11", "13");
    assertThat(rows("u")).containsExactly("11");
    assertThat(acks.last()).isEqualTo(new Tso(110));
    awaitState(DdlAirlock.State.HELD);
    choose(120, Action.REPLACE, "ALTER TABLE `u` ADD INDEX `x`(`v`)");
    assertAllAcknowledged(130);
    assertThat(rows("u")).containsExactly("11", "13");
    assertThat(indexes()).containsExactly("x");
  }

  @Test
  void transactionsThatAreKeptTogether_waitWhole_andWithThemAllThatFollowsTheirTables()
      throws Exception {
    settings = settings.withDispatch(Dispatch.TRANSACTIONS, Detection.ON);
    submitAll(start(), stream(ddl(100, "t", UNIQUE)));
    awaitRows("w", "14");
    assertThat(rows("u")).containsExactly("11", "2");
    choose(100, Action.SKIP, "");
    assertAllAcknowledged(140);
    assertThat(rows("u")).containsExactly("11", "12", "13", "2");
    assertThat(rows("t")).containsExactly("1", "1", "12", "13", "2");
  }

  @Test
  void droppedDatabase_thatIsHeld_keepsAllOfItWaiting_andNothingElse() throws Exception {
    String other = db + "x";
    server.execute("create database " + other, "create table " + other + ".z(v bigint)");
    submitAll(
        start(),
        ddl(100, "", "ALTER TABL `t` nonsense"),
        transaction(110, insert(t, 11), insert(table(other, "z", "v"), 11)));
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(server.rows("select v from " + other + ".z")).containsExactly("11"));
    assertThat(held().tables()).containsExactly(db + ".*");
    assertThat(rows("t")).containsExactly("1", "1");
  }

  @Test
  void streamBehindAHeldDdl_endsAtItsBound_andGoesOnAfterwards() throws Exception {
    settings = settings.withLimits(20_000, Duration.ofMinutes(1));
    MysqlSink sink = start();
    sink.submit(ddl(100, "t", UNIQUE));
    Thread feeder =
        new Thread(
            () -> {
              try {
                for (int i = 0; i < 200; i++) {
                  sink.submit(transaction(200 + i, insert(t, 1000 + i), insert(u, i)));
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "test-feeder");
    feeder.start();
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(behind().reach()).isEqualTo(StreamBehind.Reach.AT_ITS_LIMIT));
    int waiting = behind().waitingTransactions();
    assertThat(waiting).isBetween(20, 150);
    Thread.sleep(500);
    assertThat(behind().waitingTransactions()).isEqualTo(waiting);
    choose(100, Action.SKIP, "");
    feeder.join();
    assertAllAcknowledged(399);
    assertThat(server.rows("select count(*), count(distinct v) from " + db + ".u"))
        .containsExactly("200,200");
    assertThat(server.rows("select count(*) from " + db + ".t where v>=1000"))
        .containsExactly("200");
  }

  @Test
  void statementThatTakesLong_isLookedAtOnTheTarget() throws Exception {
    submitAll(start(), stream(ddl(100, "t", UNIQUE)));
    choose(100, Action.REPLACE, "DO SLEEP(11)");
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                assertThat(airlock.running())
                    .hasValueSatisfying(
                        running -> {
                          assertThat(running.statement()).isEqualTo("DO SLEEP(11)");
                          assertThat(running.seen()).startsWith("Query for").contains("sleep");
                        }));
    assertAllAcknowledged(140);
    assertThat(airlock.running()).isEmpty();
  }

  @Test
  void batchOfTablesWithoutText_isHeld_andMadeByReplacement() throws Exception {
    submitAll(
        start(),
        Upstream.ddl(100, db, "made", DdlAction.CREATE_TABLES, "", info("made")),
        transaction(110, insert(u, 11), insert(table(db, "made", "v"), 11)));
    awaitRows("u", "11");
    assertThat(held().reason()).isEqualTo(HeldDdl.Reason.NO_STATEMENT);
    assertThat(held().tables()).containsExactly(db + ".made");
    choose(100, Action.REPLACE, "CREATE TABLE made(v BIGINT)");
    assertAllAcknowledged(110);
    assertThat(rows("made")).containsExactly("11");
  }

  private static TableInfo info(String table) {
    return Upstream.info(table, List.of(Upstream.column(0, "v")), PartitionInfo.NONE);
  }

  @Test
  void auditLog_cutShortByACrash_isReadUpToItsLastWholeLine() throws Exception {
    submitAll(start(), stream(ddl(100, "t", UNIQUE)));
    kill();
    Path file = folder.resolve("ddl-audit.log");
    long whole = Files.size(file);
    Files.writeString(file, "{\"time\":\"2026-", java.nio.file.StandardOpenOption.APPEND);
    submitAll(start(), stream(ddl(100, "t", UNIQUE)));
    assertThat(airlock.history()).hasSize(1);
    assertThat(Files.size(file)).isEqualTo(whole);
  }
}
