package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;
import static org.tidbbinlog.sinks.mysql.Upstream.update;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.checkpoint.CheckpointKeeper;
import org.tidbbinlog.drainer.checkpoint.FirstStart;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.Sink;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.SinkListener;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;

/** Going on where a Drainer of the original stopped, and leaving what it can go on from. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class TakeoverTest {
  @TempDir Path folder = Path.of("");
  private final long cluster = TargetServer.unique();
  private final String db = "tk" + TargetServer.unique();
  private final TargetServer server = TargetKind.MARIADB.server();
  private final MysqlTargetSettings settings = server.settings();
  private final String row = settings.ledgerSchema() + ".checkpoint";

  @BeforeEach
  void createDatabase() {
    server.execute(
        "create database " + db,
        "create table " + db + ".t(id int primary key, v int)",
        "create table " + db + ".k(v int)");
  }

  @AfterEach
  void dropDatabase() {
    server.execute("drop database " + db, "drop database " + settings.ledgerSchema());
  }

  @ParameterizedTest
  @DisplayName("drainer fact 19: checkpoint rows of all eras are gone on from, and left for it")
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"commitTS\":20}",
        "{\"commitTS\":20,\"ts-map\":{}}",
        "{\"commitTS\":20,\"ts-map\":{\"master-ts\":4,\"slave-ts\":9}}",
        "{\"consistent\":false,\"commitTS\":20,\"ts-map\":{\"master-ts\":4,\"slave-ts\":9}}",
        "{\"consistent\":false,\"commitTS\":20,\"ts-map\":{\"primary-ts\":4,\"secondary-ts\":9}}",
        "{\"consistent\":false,\"commitTS\":20,\"ts-map\":{},\"schema-version\":57}",
        "{\"consistent\":true,\"commitTS\":20,\"ts-map\":{},\"schema-version\":57}",
      })
  void originalsRow_isGoneOnFromAndLeftAsItWritesIt(String stored) throws Exception {
    originalLeft(stored);
    boolean orderly = stored.contains("true");
    TableVersion t = table(db, "t", "id", "v");
    server.execute("insert into " + db + ".t values(1,1)");
    if (!orderly) {
      server.execute("insert into " + db + ".t values(2,2)"); // Applied, and not yet in the row.
    }
    run(
        transaction(10, insert(t, 1, 1)),
        transaction(30, insert(t, 2, 2)),
        transaction(40, update(t, List.of(2, 2), List.of(2, 5))));
    assertThat(server.rows("select * from " + db + ".t")).containsExactly("1,1", "2,5");
    String tsMap = stored.contains("9") ? "{\"primary-ts\":4,\"secondary-ts\":9}" : "{}";
    String version = stored.contains("57") ? "57" : "1";
    assertThat(server.rows("select * from " + row))
        .containsExactly(
            cluster
                + ",{\"consistent\":true,\"commitTS\":40,\"ts-map\":"
                + tsMap
                + ",\"schema-version\":"
                + version
                + "}");
  }

  /** Read from the target while an original Drainer applied the capture 04-txn, and at its end. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"consistent\":false,\"commitTS\":470643069202726928,\"ts-map\":{},\"schema-version\":49}",
        "{\"consistent\":true,\"commitTS\":470643069202726928,\"ts-map\":{},\"schema-version\":49}",
      })
  void recordedRowOfTheOriginal_isGoneOnFromAndLeftInItsForm(String recorded) throws Exception {
    long reached = 470643069202726928L;
    originalLeft(recorded);
    TableVersion t = table(db, "t", "id", "v");
    server.execute("insert into " + db + ".t values(1,1)");
    run(transaction(reached, insert(t, 1, 7)), transaction(reached + 1, insert(t, 2, 2)));
    assertThat(server.rows("select * from " + db + ".t")).containsExactly("1,1", "2,2");
    assertThat(server.rows("select * from " + row))
        .containsExactly(
            cluster
                + ",{\"consistent\":true,\"commitTS\":470643069202726929,\"ts-map\":{},"
                + "\"schema-version\":49}");
  }

  @Test
  void rowsWithoutAKey_behindAnOrderlyExitOfTheOriginal_areAppliedOnce() throws Exception {
    TableVersion k = table(db, "k", "v");
    originalLeft("{\"consistent\":true,\"commitTS\":20,\"ts-map\":{},\"schema-version\":1}");
    server.execute("insert into " + db + ".k values(1)");
    run(transaction(30, insert(k, 1)), transaction(40, update(k, List.of(1), List.of(2))));
    assertThat(server.rows("select * from " + db + ".k")).containsExactly("1", "2");

    // The original takes over, applies one transaction, and ends in order; then we go on.
    originalLeft("{\"consistent\":true,\"commitTS\":50,\"ts-map\":{},\"schema-version\":1}");
    server.execute("insert into " + db + ".k values(9)");
    run(transaction(60, insert(k, 9), insert(k, 9)));
    assertThat(server.rows("select * from " + db + ".k")).containsExactly("1", "2", "9", "9", "9");
  }

  @Test
  void rowThatWasMovedBackBehindWhatWeApplied_isGoneOnFromInSafeMode() throws Exception {
    TableVersion t = table(db, "t", "id", "v");
    run(transaction(30, insert(t, 1, 1)), transaction(40, insert(t, 2, 2)));
    originalLeft("{\"consistent\":true,\"commitTS\":20,\"ts-map\":{},\"schema-version\":1}");
    run(transaction(30, insert(t, 1, 1)), transaction(40, insert(t, 2, 2)));
    assertThat(server.rows("select * from " + db + ".t")).containsExactly("1,1", "2,2");
  }

  @ParameterizedTest
  @DisplayName("a savepoint file and no row: its commit ts is gone on from, consistent as in a row")
  @CsvSource({"true", "false"})
  void savepointFile_isGoneOnFromLikeARow(boolean orderly) throws Exception {
    Files.writeString(
        folder.resolve("savepoint"),
        "consistent = " + orderly + "\ncommitTS = 20\nschema-version = 57\n");
    TableVersion t = table(db, "t", "id", "v");
    TableVersion k = table(db, "k", "v");
    server.execute("insert into " + db + ".t values(1,1)", "insert into " + db + ".k values(1)");
    if (!orderly) {
      server.execute("insert into " + db + ".t values(2,2)"); // Applied, and not yet in the file.
    }
    run(
        transaction(10, insert(t, 1, 9), insert(k, 1)),
        transaction(20, insert(t, 3, 3)),
        transaction(30, insert(t, 2, 2)),
        transaction(40, insert(k, 2)));
    assertThat(server.rows("select * from " + db + ".t")).containsExactly("1,1", "2,2");
    assertThat(server.rows("select * from " + db + ".k")).containsExactly("1", "2");
    assertThat(server.rows("select * from " + row))
        .containsExactly(
            cluster + ",{\"consistent\":true,\"commitTS\":40,\"ts-map\":{},\"schema-version\":57}");
  }

  /** As the original makes and writes it. */
  private void originalLeft(String json) {
    server.execute(
        "create database if not exists " + settings.ledgerSchema(),
        "create table if not exists "
            + row
            + " (clusterID bigint unsigned primary key, checkPoint MEDIUMTEXT)",
        "replace into " + row + " values(" + cluster + ", '" + json + "')");
  }

  @Test
  void rowsThatTheOriginalAppliedLast_areWrittenInSafeMode_thoughOurClockIsSlow() throws Exception {
    Tso now = Tso.at(Instant.now());
    Clock slow = slowBy(Duration.ofMinutes(5));
    TableVersion t = table(db, "t", "id", "v");
    originalLeft(
        "{\"consistent\":false,\"commitTS\":%d,\"ts-map\":{},\"schema-version\":1}"
            .formatted(now.value() - 3));
    server.execute("insert into " + db + ".t values(1,9),(2,2)");
    long divergences =
        live(
            slow,
            now,
            transaction(now.value() - 2, insert(t, 1, 1)),
            transaction(now.value() - 1, insert(t, 2, 2)));
    assertThat(divergences).isZero();
    assertThat(server.rows("select * from " + db + ".t")).containsExactly("1,1", "2,2");
  }

  /** Twice: what the second life knows of it, the third knows, too. */
  @Test
  void crashBeforeAllThatTheOriginalApplied_goesOnInSafeMode() throws Exception {
    Tso now = Tso.at(Instant.now());
    Tso later = Tso.at(Instant.now().plusSeconds(3600));
    TableVersion t = table(db, "t", "id", "v");
    originalLeft(
        "{\"consistent\":false,\"commitTS\":%d,\"ts-map\":{},\"schema-version\":1}"
            .formatted(now.value() - 9));
    server.execute("insert into " + db + ".t values(1,9),(2,2),(3,3),(4,8)");
    for (int life = 1; life <= 3; life++) {
      long divergences =
          live(
              Clock.system(),
              life == 1 ? now : later,
              CheckpointKeeper.Ending.RUNNING,
              transaction(now.value() - 9 + life, insert(t, life, life)));
      assertThat(divergences).as("life %d", life).isZero();
    }
    assertThat(server.rows("select * from " + db + ".t"))
        .containsExactly("1,1", "2,2", "3,3", "4,8");
    long afterIt =
        live(
            Clock.system(),
            later,
            CheckpointKeeper.Ending.ORDERLY,
            transaction(Tso.at(Instant.now().plusSeconds(60)).value(), insert(t, 4, 4)));
    assertThat(afterIt).as("told, not taken for a repetition").isEqualTo(1);
  }

  @Test
  void rowsThatCommittedAfterTheStart_areNotWrittenInSafeMode_thoughOurClockIsFast()
      throws Exception {
    Tso now = Tso.at(Instant.now());
    TableVersion t = table(db, "t", "id", "v");
    originalLeft("{\"commitTS\":20}");
    server.execute("insert into " + db + ".t values(1,9)");
    long divergences =
        live(
            slowBy(Duration.ofMinutes(-5)),
            now,
            transaction(Tso.at(Instant.now().plusSeconds(60)).value(), insert(t, 1, 1)));
    assertThat(divergences).as("told, not taken for a repetition").isEqualTo(1);
  }

  private static Clock slowBy(Duration behind) {
    return new Clock() {
      @Override
      public Instant now() {
        return Clock.system().now().minus(behind);
      }

      @Override
      public long nanoTime() {
        return Clock.system().nanoTime();
      }

      @Override
      public void sleep(Duration duration) throws InterruptedException {
        Clock.system().sleep(duration);
      }
    };
  }

  /** A Drainer's life, from the stored checkpoint to an orderly exit. */
  private void run(SinkItem... items) throws Exception {
    assertThat(live(Clock.system(), Tso.at(Instant.now()), items)).isZero();
  }

  /**
   * @param upstreamNow what upstream's clock says at its start
   * @return how often the target contradicted the rows
   */
  private long live(Clock clock, Tso upstreamNow, SinkItem... items) throws Exception {
    return live(clock, upstreamNow, CheckpointKeeper.Ending.ORDERLY, items);
  }

  private long live(Clock clock, Tso upstreamNow, CheckpointKeeper.Ending ending, SinkItem... items)
      throws Exception {
    try (MysqlCheckpointStore store = MysqlCheckpointStore.open(settings, cluster)) {
      Optional<Checkpoint> stored = store.load();
      FirstStart first =
          FirstStart.choose(stored, new FirstStart.Configured(-1), folder, new Tso(100));
      Optional<Checkpoint> loaded = stored.or(first::savepoint);
      Tso start = loaded.map(Checkpoint::commitTs).orElse(new Tso(1));
      CheckpointKeeper keeper =
          new CheckpointKeeper(
              store, stored, new FirstStart(start, first.savepoint()), Clock.system());
      MysqlTarget target =
          new MysqlTarget(
              settings,
              store,
              cluster,
              upstreamNow,
              new SinkCounters(SinkCounters.Listener.NONE),
              clock,
              DdlAirlock.stopping(Clock.system()));
      SinkCounters counters = target.counters();
      try (Sink sink = target.open(loaded, start, toKeeper(keeper))) {
        keeper.begin();
        for (SinkItem item : items) {
          if (item.commitTs().isAfter(start)) {
            sink.submit(item);
          }
        }
        assertThat(sink.drain(Duration.ofSeconds(30))).isTrue();
      }
      keeper.finish(ending);
      return counters.divergences();
    }
  }

  private static SinkListener toKeeper(CheckpointKeeper keeper) {
    return new SinkListener() {
      @Override
      public void onAcknowledged(SinkItem item) {
        try {
          keeper.acknowledged(item);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }

      @Override
      public void onFailure(Throwable cause) {
        throw new AssertionError(cause);
      }
    };
  }
}
