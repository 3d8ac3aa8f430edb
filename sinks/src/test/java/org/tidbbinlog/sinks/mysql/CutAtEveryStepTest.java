package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.testkit.mariadb.MariaDb;
import org.tidbbinlog.testkit.network.Step;
import org.tidbbinlog.testkit.network.StepProxy;
import org.tidbbinlog.testkit.process.ChildJvm;

/**
 * Connections are cut, and Drainer, target and both killed, at each step of a target transaction;
 * nothing is applied twice, nothing is lost (I7).
 */
class CutAtEveryStepTest {
  private static final String LOOPBACK = "127.0.0.1";

  @TempDir static Path directory = Path.of("");

  @RegisterExtension static final OwnServer SERVER = new OwnServer(() -> directory);

  private final OwnNames names = OwnNames.beginningWith("step");
  private final CountedStream stream = new CountedStream(names.db());

  @Test
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  void connectionsCut_atEachStep_doubleAndLoseNothing() throws Exception {
    cutConnections(1, 42);
  }

  @Test
  @Tag("soak")
  @Timeout(value = 40, unit = TimeUnit.MINUTES)
  void connectionsCut_aThousandTimes_doubleAndLoseNothing() throws Exception {
    cutConnections(2, 1000);
  }

  @Test
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  void drainerKilled_atEachStep_doublesAndLosesNothing() throws Exception {
    killDrainer(3, Step.values().length);
  }

  @Test
  @Tag("soak")
  @Timeout(value = 60, unit = TimeUnit.MINUTES)
  void drainerKilled_manyTimes_doublesAndLosesNothing() throws Exception {
    killDrainer(4, 120);
  }

  @Test
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  void targetKilled_atEachStep_doublesAndLosesNothing() throws Exception {
    killTarget(Step.values().length);
  }

  @Test
  @Tag("soak")
  @Timeout(value = 60, unit = TimeUnit.MINUTES)
  void targetKilled_manyTimes_doublesAndLosesNothing() throws Exception {
    killTarget(120);
  }

  @Test
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  void bothKilled_atEachStep_doublesAndLosesNothing() throws Exception {
    killBoth(5, Step.values().length);
  }

  @Test
  @Tag("soak")
  @Timeout(value = 60, unit = TimeUnit.MINUTES)
  void bothKilled_manyTimes_doublesAndLosesNothing() throws Exception {
    killBoth(6, 60);
  }

  private MysqlTargetSettings settings(StepProxy proxy) {
    return names.settings(proxy.port()).withWorkers(4, 5);
  }

  private void cutConnections(long seed, int wanted) throws Exception {
    SERVER.target().execute(stream.setUp().toArray(String[]::new));
    CutNow plan = new CutNow();
    Random random = new Random(seed);
    Acks acks = new Acks();
    CountedEvents events = new CountedEvents();
    int n = 0;
    try (StepProxy proxy = new StepProxy(LOOPBACK, SERVER.port(), plan);
        MysqlSink sink =
            TargetServer.open(
                settings(proxy),
                names.cluster(),
                ResumeFrom.initial(new Tso(1)),
                acks,
                new SinkCounters(events))) {
      while (proxy.cuts().size() < wanted) {
        plan.arm(Step.values()[proxy.cuts().size() % Step.values().length]);
        for (int i = 1 + random.nextInt(8); i > 0; i--) {
          sink.submit(stream.transaction(n++));
        }
        Thread.sleep(random.nextInt(10));
      }
      assertThat(sink.drain(Duration.ofSeconds(60))).as("%s", acks.failure.get()).isTrue();
      assertThat(sink.counters().divergences()).isZero();
      assertThat(sink.counters().retries()).isPositive();
      assertThat(events.counts()).isEqualTo(Map.of("Insert", n, "Update", 2 * n));
      tell("connection cuts", proxy.cuts(), n);
    }
    assertThat(stream.look(SERVER.target())).as("seed %d", seed).isEqualTo(stream.truth(n));
  }

  private void killDrainer(long seed, int kills) throws Exception {
    killLives(seed, kills, SERVER.target(), SERVER.port(), Target.STAYS);
  }

  private void killBoth(long seed, int kills) throws Exception {
    try (MariaDb mortal = MariaDb.start(directory.resolve(names.db()))) {
      killLives(seed, kills, TargetServer.of(mortal), mortal.port(), new Target.Dies(mortal));
    }
  }

  /** What becomes of the target when the Drainer is killed. */
  private sealed interface Target {
    Target STAYS = new Stays();

    default void kill() {}

    default void bringBack() {}

    record Stays() implements Target {}

    record Dies(MariaDb server) implements Target {
      @Override
      public void kill() {
        server.kill9();
      }

      @Override
      public void bringBack() {
        if (!server.isAlive()) {
          server.restart();
        }
      }
    }
  }

  private void killLives(long seed, int kills, TargetServer at, int port, Target target)
      throws Exception {
    at.execute(stream.setUp().toArray(String[]::new));
    AtomicReference<@Nullable ChildJvm> child = new AtomicReference<>();
    CutNow plan =
        new CutNow() {
          @Override
          public void reached(Step step) {
            try {
              target.kill(); // First: the end of the Drainer says that all is done.
              java.util.Objects.requireNonNull(child.get()).kill9();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
        };
    int count = 300 * kills;
    Random random = new Random(seed);
    try (StepProxy proxy = new StepProxy(LOOPBACK, port, plan)) {
      while (true) {
        target.bringBack();
        try (ChildJvm life = StreamChild.start(names, proxy.port(), count, directory)) {
          child.set(life);
          if (proxy.cuts().size() >= kills) {
            assertThat(life.awaitExit(Duration.ofMinutes(2))).as(life.output()).isZero();
            break;
          }
          life.awaitLine("started at", Duration.ofSeconds(40));
          Thread.sleep(random.nextInt(100));
          plan.arm(Step.values()[proxy.cuts().size() % Step.values().length]);
          life.awaitExit(Duration.ofSeconds(40));
        }
      }
      tell("drainer kills, target " + target.getClass().getSimpleName(), proxy.cuts(), count);
    }
    assertThat(stream.look(at)).as("seed %d", seed).isEqualTo(stream.truth(count));
  }

  private void killTarget(int kills) throws Exception {
    try (MariaDb mortal = MariaDb.start(directory.resolve(names.db()))) {
      TargetServer at = TargetServer.of(mortal);
      at.execute(stream.setUp().toArray(String[]::new));
      CutNow plan =
          new CutNow() {
            @Override
            public void reached(Step step) {
              mortal.kill9();
            }
          };
      Acks acks = new Acks();
      int n;
      try (StepProxy proxy = new StepProxy(LOOPBACK, mortal.port(), plan);
          MysqlSink sink =
              TargetServer.open(
                  settings(proxy), names.cluster(), ResumeFrom.initial(new Tso(1)), acks);
          // Submits from a thread of its own: it waits for room while the target is down.
          Feeder feeder = new Feeder(sink, stream)) {
        for (int kill = 0; kill < kills; kill++) {
          plan.arm(Step.values()[kill % Step.values().length]);
          while (proxy.cuts().size() <= kill) {
            assertThat(feeder.isFeeding()).as("%s", acks.failure.get()).isTrue();
            Thread.sleep(2);
          }
          mortal.restart();
        }
        n = feeder.end();
        assertThat(sink.drain(Duration.ofSeconds(60))).as("%s", acks.failure.get()).isTrue();
        assertThat(sink.counters().divergences()).isZero();
        tell("target kills", proxy.cuts(), n);
      }
      assertThat(stream.look(at)).isEqualTo(stream.truth(n));
    }
  }

  /** Submits the stream's transactions one after the other until it is ended. */
  private static final class Feeder implements AutoCloseable {
    private final MysqlSink sink;
    private final CountedStream stream;
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final Future<Integer> submitted;
    private volatile boolean ended;

    Feeder(MysqlSink sink, CountedStream stream) {
      this.sink = sink;
      this.stream = stream;
      this.submitted = thread.submit(this::feed);
    }

    private int feed() throws Exception {
      int n = 0;
      while (!ended) {
        sink.submit(stream.transaction(n++));
        Thread.sleep(2);
      }
      return n;
    }

    boolean isFeeding() {
      return !submitted.isDone();
    }

    /** How many transactions it submitted. */
    int end() throws Exception {
      ended = true;
      return submitted.get(60, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
      thread.shutdownNow();
    }
  }

  private static void tell(String what, List<Step> cuts, int transactions) {
    Map<Step, Integer> counts = new EnumMap<>(Step.class);
    cuts.forEach(step -> counts.merge(step, 1, Integer::sum));
    assertThat(counts.keySet()).containsExactly(Step.values());
    System.out.println(what + ": " + counts + " transactions=" + transactions);
  }

  /** Cuts the next transaction at the step it is armed with. */
  private static class CutNow implements StepProxy.Plan {
    private final AtomicReference<Optional<Step>> armed = new AtomicReference<>(Optional.empty());

    void arm(Step step) {
      armed.set(Optional.of(step));
    }

    @Override
    public Optional<Step> next(String sql) {
      return isRows(sql) ? armed.getAndSet(Optional.empty()) : Optional.empty();
    }

    @Override
    public void missed(Step step) {
      arm(step);
    }

    /** A target transaction of a worker, or its commit; not a checkpoint's. */
    private static boolean isRows(String sql) {
      return sql.equals("commit") || sql.contains("ledger_guard");
    }
  }
}
