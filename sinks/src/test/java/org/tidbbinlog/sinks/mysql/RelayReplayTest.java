package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;
import static org.tidbbinlog.sinks.mysql.Upstream.update;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.airlock.OnDdlError;
import org.tidbbinlog.drainer.server.DrainerConfig;
import org.tidbbinlog.drainer.server.DrainerSettings;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.Divergences;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.Sink;
import org.tidbbinlog.drainer.sink.SinkFactory;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.drainer.sink.Target;
import org.tidbbinlog.node.metrics.Metrics;
import org.tidbbinlog.sinks.relay.RelayCut;

/** A Drainer that was killed, and whose upstream is gone for good. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class RelayReplayTest {
  private static final int ROWS = 12;

  private final long cluster = TargetServer.unique();
  private final String db = "rl" + TargetServer.unique();
  private final TargetServer server = TargetKind.MARIADB.server();
  private final String ledger = "relay_" + cluster;
  private final MysqlTargets targets = new MysqlTargets(new Metrics());
  private final Path folder;
  private final Path dataDir;
  private final DrainerSettings settings;

  RelayReplayTest(@TempDir Path folder) throws Exception {
    this.folder = folder.resolve("relay");
    this.dataDir = folder.resolve("data");
    Path file =
        Files.writeString(
            folder.resolve("drainer.toml"),
            """
            [syncer]
            worker-count = 4
            txn-batch = 5
            [syncer.relay]
            log-dir = '%s'
            max-file-size = 20000
            [syncer.to]
            host = "127.0.0.1"
            port = %d
            [syncer.to.checkpoint]
            schema = "%s"
            """
                .formatted(this.folder, server.settings().endpoint().port(), ledger));
    DrainerConfig config = DrainerConfig.parse(List.of("-config", file.toString()), Map.of());
    this.settings = config.settings();
    config.requireBuilt(settings);
  }

  @BeforeEach
  void createDatabase() {
    server.execute(
        "create database " + db,
        "create table " + db + ".k(n int, i int)",
        "create table " + db + ".c(id int primary key, n int)",
        "insert into " + db + ".c values(1,0)");
  }

  @AfterEach
  void dropDatabase() {
    server.execute("drop database " + db, "drop database if exists " + ledger);
  }

  @Test
  void whatACrashLeftHalfDone_isFinishedFromTheRelayLogOnce() throws Exception {
    int given = crash(400);
    assertThat(relayFiles()).isNotZero();
    targets.finishWithoutUpstream(settings, folder, Clock.system());
    long reached = checkpoint().commitTs().value() / 10;
    assertThat(checkpoint().consistent()).isTrue();
    assertThat(reached).isBetween(1L, (long) given);
    assertThat(server.rows("select count(*), count(distinct n, i), max(n) from " + db + ".k"))
        .containsExactly(reached * ROWS + "," + reached * ROWS + "," + reached);
    assertThat(server.rows("select n from " + db + ".c")).containsExactly(String.valueOf(reached));

    // Once is enough, and a checkpoint that says so is left alone.
    targets.finishWithoutUpstream(settings, folder, Clock.system());
    assertThat(server.rows("select count(*) from " + db + ".k"))
        .containsExactly(String.valueOf(reached * ROWS));
  }

  @Test
  void upstreamThatIsThereAgain_isGoneOnFromAndTheOldFilesGo() throws Exception {
    crash(200);
    try (Target target = connect()) {
      Optional<Checkpoint> loaded = target.checkpoints().load();
      try (Sink sink =
          target.open(loaded, loaded.map(Checkpoint::commitTs).orElse(Tso.ZERO), new Acks())) {
        for (int n = 1; n <= 250; n++) {
          sink.submit(step(n));
        }
        assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
      }
      assertThat(relayFiles()).as("a restart may begin behind the checkpoint").isGreaterThan(5);
      target.checkpoints().save(new Checkpoint(true, new Tso(2500), Map.of(), 0));
    }
    assertThat(server.rows("select count(*), count(distinct n, i) from " + db + ".k"))
        .containsExactly(250 * ROWS + "," + 250 * ROWS);
    assertThat(relayFiles()).isLessThanOrEqualTo(1);
  }

  @Test
  void damageInTheMiddle_isRefusedAndNothingIsApplied() throws Exception {
    crash(400);
    Path damaged = relayFile(1);
    byte[] bytes = Files.readAllBytes(damaged);
    bytes[bytes.length / 2] ^= 1;
    Files.write(damaged, bytes);
    List<String> before = counts();
    assertThatThrownBy(() -> targets.finishWithoutUpstream(settings, folder, Clock.system()))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining(damaged.toString())
        .hasMessageContaining("is damaged at offset ")
        .hasMessageContaining("behind commit ts ")
        .hasMessageContaining("upstream sends again what is behind the checkpoint");
    assertThat(counts()).isEqualTo(before);
    assertThat(checkpoint().consistent()).isFalse();
    assertThatThrownBy(this::connectAndOpen)
        .as("a start with upstream leaves it too")
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining(damaged.toString());
    assertThat(Files.readAllBytes(damaged)).isEqualTo(bytes);
  }

  @Test
  void newestRecordsThatAreGoneWithoutATrace_areMissedByTheLedger() throws Exception {
    crash(400);
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().skip(1).toList()) {
        Files.delete(file);
      }
    }
    assertThat(RelayCut.toItems(folder, 1)).isPositive();
    List<String> before = counts();
    assertThatThrownBy(() -> targets.finishWithoutUpstream(settings, folder, Clock.system()))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("the relay log ends with commit ts 10,")
        .hasMessageContaining("the newest records of the log are lost");
    assertThat(counts()).isEqualTo(before);
    assertThat(checkpoint().consistent()).isFalse();
  }

  private void connectAndOpen() throws InterruptedException {
    try (Target target = connect()) {
      Optional<Checkpoint> loaded = target.checkpoints().load();
      target.open(loaded, loaded.orElseThrow().commitTs(), new Acks()).close();
    }
  }

  private List<String> counts() {
    return server.rows("select count(*), sum(n), (select n from " + db + ".c) from " + db + ".k");
  }

  private Path relayFile(int position) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().skip(position).findFirst().orElseThrow();
    }
  }

  /** The original says less than is there, so the ledger is not believed, and nobody tells time. */
  @Test
  void targetThatAnotherDrainerMayHaveWrittenAheadOf_isNotCalledConsistent() throws Exception {
    crash(400);
    long left = checkpoint().commitTs().value() + 10;
    server.execute(
        "update %s.checkpoint set checkPoint='{\"consistent\":false,\"commitTS\":%d}'"
            .formatted(ledger, left));
    targets.finishWithoutUpstream(settings, folder, Clock.system());
    Checkpoint replayed = checkpoint();
    assertThat(replayed.commitTs().value()).isGreaterThan(left);
    assertThat(server.rows("select n from " + db + ".c"))
        .containsExactly(String.valueOf(replayed.commitTs().value() / 10));
    assertThat(replayed.consistent()).isFalse();

    // Once is enough: behind that checkpoint the log has nothing.
    List<String> once = counts();
    targets.finishWithoutUpstream(settings, folder, Clock.system());
    assertThat(counts()).isEqualTo(once);
    assertThat(checkpoint()).isEqualTo(replayed);
  }

  @Test
  void withoutARelayLog_orWithoutACheckpoint_nothingIsDone() throws Exception {
    targets.finishWithoutUpstream(settings, folder, Clock.system());
    assertThat(server.rows("show databases like '" + ledger + "'")).isEmpty();
  }

  /** Rows of "gone" are left out since 15; those of "again" were, up to 35. */
  private void chooseToLeaveOut() throws Exception {
    Files.createDirectories(dataDir);
    DdlAirlock airlock = holding();
    airlock.leaveOut(new Tso(15), "`" + db + "`.`gone`");
    airlock.leaveOut(new Tso(15), "`" + db + "`.`again`");
    airlock.takeAgain(new Tso(35), "`" + db + "`.`again`");
  }

  private DdlAirlock holding() {
    return DdlAirlock.open(dataDir, OnDdlError.HOLD, Clock.system(), action -> {});
  }

  /** Rows of table "late" are held, so nothing is acknowledged, when the Drainer is killed. */
  private void crashWhileRowsAreHeld(String leftOut) throws Exception {
    chooseToLeaveOut();
    TableVersion k = table(db, "k", "n", "i");
    DdlAirlock airlock = holding();
    try (Target target =
        targets.connect(
            settings,
            new SinkFactory.Surroundings(
                cluster, Tso.MAX, dataDir, Clock.system(), airlock, new Divergences()))) {
      Sink sink = firstStart(target, new Acks());
      sink.submit(transaction(10, insert(table(db, "late", "n"), 1), insert(k, 1, 0)));
      for (int n = 2; n <= 4; n++) {
        sink.submit(transaction(n * 10L, insert(k, n, 0), insert(table(db, leftOut, "n"), n)));
      }
      Awaitility.await().until(() -> airlock.state() == DdlAirlock.State.HELD);
      Awaitility.await()
          .until(() -> server.rows("select count(*) from " + db + ".k").contains("4"));
      sink.close();
    }
    server.execute("create table " + db + ".late(n int)");
  }

  private void assertReplayed() {
    assertThat(checkpoint().consistent()).isTrue();
    assertThat(checkpoint().commitTs()).isEqualTo(new Tso(40));
    assertThat(server.rows("select n from " + db + ".late")).containsExactly("1");
    assertThat(server.rows("select n from " + db + ".k order by n"))
        .containsExactly("1", "2", "3", "4");
  }

  @Test
  void rowsThatAreLeftOutByChoice_areLeftOutOfTheReplay() throws Exception {
    crashWhileRowsAreHeld("gone");
    targets.finishWithoutUpstream(settings, dataDir, Clock.system());
    assertReplayed();
    assertThat(server.rows("show tables from " + db)).containsExactly("c", "k", "late");
    assertThat(holding().leftOut()).containsOnlyKeys("`" + db + "`.`gone`");
  }

  @Test
  void rowsThatWereLeftOut_doNotComeBehindLaterOnes_withTheReplay() throws Exception {
    server.execute("create table " + db + ".again(n int)");
    crashWhileRowsAreHeld("again");
    targets.finishWithoutUpstream(settings, dataDir, Clock.system());
    assertReplayed();
    assertThat(server.rows("select n from " + db + ".again")).containsExactly("4");
  }

  @Test
  void rowsForWhichNobodyChose_stopTheReplayWithTheirTable() throws Exception {
    crashWhileRowsAreHeld("gone");
    server.execute("drop table " + db + ".late");
    assertThatThrownBy(() -> targets.finishWithoutUpstream(settings, dataDir, Clock.system()))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("table `" + db + "`.`late` does not exist in the target");
  }

  /** Stops at once while rows are on their way; answers how many transactions were handed over. */
  private int crash(int transactions) throws Exception {
    try (Target target = connect()) {
      Acks acks = new Acks();
      Sink sink = firstStart(target, acks);
      for (int n = 1; n <= transactions; n++) {
        sink.submit(step(n));
      }
      while (acks.last().isZero()) {
        Thread.sleep(1);
      }
      sink.close();
    }
    return transactions;
  }

  /** Nobody was at work here before. */
  private static Sink firstStart(Target target, Acks acks) throws InterruptedException {
    Sink sink = target.open(Optional.empty(), new Tso(1), acks);
    target.checkpoints().save(new Checkpoint(false, new Tso(1), Map.of(), 0));
    return sink;
  }

  private org.tidbbinlog.drainer.sink.SinkItem step(int n) {
    TableVersion k = table(db, "k", "n", "i");
    TableVersion c = table(db, "c", "id", "n");
    RowChange[] rows = new RowChange[ROWS + 1];
    for (int i = 0; i < ROWS; i++) {
      rows[i] = insert(k, n, i);
    }
    rows[ROWS] = update(c, List.of(1, n - 1), List.of(1, n));
    return transaction(n * 10L, rows);
  }

  private Target connect() {
    return targets.connect(
        settings,
        new SinkFactory.Surroundings(
            cluster,
            Tso.MAX,
            folder,
            Clock.system(),
            DdlAirlock.stopping(Clock.system()),
            new Divergences()));
  }

  private Checkpoint checkpoint() {
    try (Target target = connect()) {
      return target.checkpoints().load().orElseThrow();
    }
  }

  private long relayFiles() throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    }
  }
}
