package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.Sink;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.sinks.mysql.ledger.CheckpointTwin;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.testkit.mariadb.MariaDb;

/** The checkpoint is on one server, rows and ledger are on another; the table has no key (I7). */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class CheckpointElsewhereTest {
  private static final int ROWS = 600;

  @TempDir Path directory = Path.of("");
  private final TargetServer rowsAt = TargetKind.MARIADB.server();
  private final MysqlTargetSettings settings = rowsAt.settings();
  private final long cluster = TargetServer.unique();
  private final String db = "e" + TargetServer.unique();
  private final TableVersion t = table(db, "t", "v");

  @Test
  void keylessTable_afterEndsAtAnyMoment_isEqual() throws Exception {
    try (MariaDb other = MariaDb.start(directory.resolve("data"))) {
      rowsAt.execute("create database " + db, "create table " + db + ".t(v int)");
      Random random = new Random(11);
      while (run(other, random) < ROWS) {
        if (random.nextInt(3) == 0) {
          noteOfASaveThatNeverCame(other);
        }
      }
      assertThat(rowsAt.rows("select count(*), count(distinct v) from " + db + ".t"))
          .containsExactly(ROWS + "," + ROWS);

      String row = settings.ledgerSchema() + ".checkpoint";
      other.execute(
          "update " + row + " set checkPoint=replace(checkPoint,'\"commitTS\":','\"commitTS\":9')");
      assertThatThrownBy(() -> run(other, random))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("older state");
    }
    rowsAt.execute("drop database " + db);
  }

  /** One life of a Drainer; answers how many rows are acknowledged at its end. */
  private int run(MariaDb other, Random random) throws Exception {
    try (MysqlCheckpointStore store = store(other)) {
      Optional<Checkpoint> loaded = store.load();
      Tso start = loaded.map(Checkpoint::commitTs).orElse(new Tso(100));
      MysqlTarget target =
          new MysqlTarget(
              settings,
              store,
              cluster,
              Tso.MAX,
              new SinkCounters(SinkCounters.Listener.NONE),
              Clock.system(),
              DdlAirlock.stopping(Clock.system()));
      Acks acks = new Acks();
      int first = (int) start.value() - 100;
      int until = Math.min(ROWS, first + 1 + random.nextInt(150));
      try (Sink sink = target.open(loaded, start, acks)) {
        if (loaded.isEmpty()) {
          store.save(new Checkpoint(false, start, Map.of(), 1));
        }
        for (int i = first; i < until; i++) {
          sink.submit(transaction(101 + i, insert(t, i)));
          if (random.nextInt(40) == 0 && acks.last().isAfter(start)) {
            store.save(new Checkpoint(false, acks.last(), Map.of(), 1));
          }
        }
        if (until == ROWS) {
          assertThat(sink.drain(Duration.ofSeconds(30))).isTrue();
          store.save(new Checkpoint(false, acks.last(), Map.of(), 1));
        }
      }
      return store.load().map(at -> (int) at.commitTs().value() - 100).orElse(0);
    }
  }

  /** Killed between the ledger's note and the checkpoint. */
  private void noteOfASaveThatNeverCame(MariaDb other) throws Exception {
    try (MysqlCheckpointStore store = store(other);
        CheckpointTwin twin = CheckpointTwin.open(TargetConnector.probe(settings), cluster)) {
      Tso stored = store.load().orElseThrow().commitTs();
      twin.aboutToSave(stored, new Tso(stored.value() + 1));
    }
  }

  private MysqlCheckpointStore store(MariaDb other) {
    MysqlTargetSettings place =
        MysqlTargetSettings.of("127.0.0.1", other.port(), "root", "")
            .withLedgerSchema(settings.ledgerSchema());
    return MysqlCheckpointStore.openElsewhere(place, MysqlCheckpointStore.TABLE, settings, cluster);
  }
}
