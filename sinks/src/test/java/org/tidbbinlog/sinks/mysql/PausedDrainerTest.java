package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.testkit.network.Step;
import org.tidbbinlog.testkit.network.StepProxy;
import org.tidbbinlog.testkit.process.ChildJvm;

/**
 * A Drainer that stands still while another one takes over commits nothing when it wakes: the
 * fencing number is checked in each of its transactions, and a transaction that has passed the
 * check keeps the other one waiting.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class PausedDrainerTest {
  private static final int ENDLESS = 1_000_000;
  private static final int ROUNDS = 3;
  private static final Map<String, String> IMPATIENT = Map.of("innodb_lock_wait_timeout", "1");

  @TempDir static Path directory = Path.of("");

  @RegisterExtension static final OwnServer SERVER = new OwnServer(() -> directory);

  private final OwnNames names = OwnNames.beginningWith("pause");
  private final CountedStream stream = new CountedStream(names.db());

  private MysqlTargetSettings settings(int port, Map<String, String> params) {
    return names
        .settings(port)
        .withSession(new MysqlTargetSettings.Session("", params, Duration.ofMinutes(1)))
        .withWorkers(4, 5);
  }

  private void endLock() {
    String holder = names.lockHolder(SERVER.target());
    if (!holder.equals("null")) {
      SERVER.target().execute("kill hard " + holder);
    }
  }

  @Test
  void stoppedProcess_thatWakesAfterATakeover_commitsNothing() throws Exception {
    SERVER.target().execute(stream.setUp().toArray(String[]::new));
    int applied = 0;
    for (int round = 0; round < ROUNDS; round++) {
      int before = applied;
      try (ChildJvm first = StreamChild.start(names, SERVER.port(), ENDLESS, directory)) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> rows() > before + 100);
        signal("STOP", first);
        for (boolean over = false; !over; ) {
          endLock();
          try {
            applied = takeOver(500);
            over = true;
          } catch (OperatorException e) {
            // It was stopped within a transaction: not there.
            assertThat(e).hasMessageContaining("still has a transaction open");
            signal("CONT", first);
            Thread.sleep(20);
            signal("STOP", first);
          } catch (RetryableException e) {
            // It was stopped while it saved its checkpoint: what we applied stays, saving waits.
            assertThat(e).hasMessageContaining("Lock wait timeout");
            signal("CONT", first);
            Thread.sleep(20);
          }
        }
        signal("CONT", first);
        assertThat(first.awaitExit(Duration.ofSeconds(60))).isEqualTo(1);
        assertThat(first.output()).contains("failed:").contains("another Drainer");
      }
      assertThat(stream.look(SERVER.target()))
          .as("round %d", round)
          .isEqualTo(stream.truth(applied));
    }
  }

  private int rows() {
    return Integer.parseInt(
        SERVER.target().rows("select count(*) from " + names.db() + ".t").get(0));
  }

  /** Another Drainer goes on from the stored checkpoint, a little beyond what is there. */
  private int takeOver(int more) throws Exception {
    MysqlTargetSettings settings = settings(SERVER.port(), IMPATIENT);
    try (MysqlCheckpointStore store = MysqlCheckpointStore.open(settings, names.cluster())) {
      Optional<Checkpoint> loaded = store.load();
      Tso from = loaded.map(Checkpoint::commitTs).orElse(new Tso(1));
      ResumeFrom resume =
          loaded.isPresent() ? ResumeFrom.checkpoint(from) : ResumeFrom.initial(from);
      Acks acks = new Acks();
      try (MysqlSink sink = TargetServer.open(settings, names.cluster(), resume, acks)) {
        int until = rows() + more;
        for (int n = stream.after(from); n < until; n++) {
          sink.submit(stream.transaction(n));
        }
        if (!sink.drain(Duration.ofSeconds(30))) {
          requireOpenTransaction(acks);
        }
        store.save(new Checkpoint(false, acks.last(), Map.of(), 1));
        return until;
      }
    }
  }

  /** What it had sent when it was stopped may run behind our look: its locks stay, as if asleep. */
  private static void requireOpenTransaction(Acks acks) {
    assertThat(acks.failure.get()).isNull();
    assertThat(
            SERVER
                .target()
                .rows(
                    "select count(*) from information_schema.innodb_trx"
                        + " where trx_started < now() - interval 20 second"))
        .as("transactions of the stopped process")
        .isNotEqualTo(List.of("0"));
    throw new RetryableException("Lock wait timeout for all of the drain");
  }

  private static void signal(String name, ChildJvm child) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(child.pid())).start();
    assertThat(kill.waitFor() == 0 || !child.isAlive()).isTrue();
  }

  @Test
  void commitThatIsOnItsWay_keepsTheSecondDrainerWaiting_andIsTheLastOfTheFirst() throws Exception {
    SERVER.target().execute(stream.setUp().toArray(String[]::new));
    Held held = new Held();
    Acks acks = new Acks();
    try (StepProxy proxy = new StepProxy("127.0.0.1", SERVER.port(), held);
        MysqlSink first =
            TargetServer.open(
                settings(proxy.port(), Map.of()),
                names.cluster(),
                ResumeFrom.initial(new Tso(1)),
                acks)) {
      first.submit(stream.transaction(0));
      assertThat(held.arrived.await(20, TimeUnit.SECONDS)).isTrue();
      endLock();
      MysqlTargetSettings impatient = settings(SERVER.port(), IMPATIENT);
      assertThatThrownBy(
              () ->
                  TargetServer.open(
                      impatient, names.cluster(), ResumeFrom.initial(new Tso(1)), new Acks()))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("still has a transaction open");
      held.release.countDown();
      assertThat(first.drain(Duration.ofSeconds(20))).isTrue();
      try (MysqlSink second =
          TargetServer.open(
              impatient, names.cluster(), ResumeFrom.initial(new Tso(1)), new Acks())) {
        first.submit(stream.transaction(1));
        assertThatThrownBy(() -> first.drain(Duration.ofSeconds(40)))
            .isInstanceOf(OperatorException.class)
            .hasMessageContaining("another Drainer has taken over");
        second.submit(stream.transaction(0));
        second.submit(stream.transaction(1));
        assertThat(second.drain(Duration.ofSeconds(20))).isTrue();
      }
    }
    assertThat(stream.look(SERVER.target())).isEqualTo(stream.truth(2));
  }

  /** Holds the first commit of rows up on its way. */
  private static final class Held implements StepProxy.Plan {
    private final CountDownLatch arrived = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private boolean opened;

    @Override
    public Optional<Step> next(String sql) {
      return Optional.empty();
    }

    @Override
    public Duration delay(String sql) {
      if (sql.equals("commit") && isFirstOfRows()) {
        arrived.countDown();
        try {
          release.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      return Duration.ZERO;
    }

    /** The commit before it is the ledger's, when it is opened. */
    private synchronized boolean isFirstOfRows() {
      boolean first = opened && arrived.getCount() > 0;
      opened = true;
      return first;
    }
  }
}
