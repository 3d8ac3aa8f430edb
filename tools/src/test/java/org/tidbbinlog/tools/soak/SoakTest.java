package org.tidbbinlog.tools.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.Clock;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Timeout(30)
class SoakTest {
  private static final long NO_LIMIT = Long.MAX_VALUE;

  @Command
  private static final class Asked {
    @Mixin private SoakOptions options = new SoakOptions();

    static SoakOptions with(String... arguments) {
      Asked asked = new Asked();
      new CommandLine(asked).parseArgs(arguments);
      return asked.options;
    }
  }

  @Test
  void seeds_areEachRunOnce_byAllJobs_whichCloseTheirWorkers() throws Exception {
    ConcurrentLinkedQueue<Long> seen = new ConcurrentLinkedQueue<>();
    Set<String> threads = new ConcurrentSkipListSet<>();
    AtomicInteger closed = new AtomicInteger();
    new Soak(new SoakPlan(7, 100, NO_LIMIT), 3, "test-run", Clock.system())
        .run(
            () ->
                new SeedWorker() {
                  @Override
                  public boolean run(long seed) throws InterruptedException {
                    threads.add(Thread.currentThread().getName());
                    Thread.sleep(1);
                    return seen.add(seed);
                  }

                  @Override
                  public void close() {
                    closed.incrementAndGet();
                  }
                },
            () -> {});
    assertThat(seen).containsExactlyInAnyOrderElementsOf(LongStream.range(7, 107).boxed().toList());
    assertThat(threads).containsExactly("test-run-1", "test-run-2", "test-run-3");
    assertThat(closed).hasValue(3);
  }

  @Test
  void time_whenItIsOver_beginsNoNewSeed() throws Exception {
    ConcurrentLinkedQueue<Long> seen = new ConcurrentLinkedQueue<>();
    AtomicInteger looks = new AtomicInteger();
    long limitNs = Duration.ofMillis(300).toNanos();
    new Soak(new SoakPlan(1, Long.MAX_VALUE, limitNs), 1, "test-run", Clock.system())
        .run(
            () ->
                seed -> {
                  Thread.sleep(5);
                  return seen.add(seed);
                },
            looks::incrementAndGet);
    assertThat(seen).hasSizeBetween(2, 1000);
    assertThat(looks).hasPositiveValue();
  }

  @Test
  void worker_thatHasEnough_getsNoMore() throws Exception {
    ConcurrentLinkedQueue<Long> seen = new ConcurrentLinkedQueue<>();
    new Soak(new SoakPlan(1, 100, NO_LIMIT), 1, "test-run", Clock.system())
        .run(
            () ->
                seed -> {
                  seen.add(seed);
                  return seed < 5;
                },
            () -> {});
    assertThat(seen).containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  @Test
  void worker_thatFails_endsAll() {
    assertThatThrownBy(
            () ->
                new Soak(new SoakPlan(1, Long.MAX_VALUE, NO_LIMIT), 1, "test-run", Clock.system())
                    .run(
                        () ->
                            seed -> {
                              throw new java.io.IOException("no server");
                            },
                        () -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasRootCauseMessage("no server");
  }

  @Test
  void options_sayWhichSeeds() {
    Clock clock = Clock.system();
    assertThat(Asked.with().plan(clock)).isEqualTo(new SoakPlan(1, 100, NO_LIMIT));
    assertThat(Asked.with("--seeds=5", "--from=9").plan(clock))
        .isEqualTo(new SoakPlan(9, 5, NO_LIMIT));
    assertThat(Asked.with("--seeds=5", "--minutes=0.5").plan(clock))
        .isEqualTo(new SoakPlan(1, 5, 30_000_000_000L));
    assertThat(Asked.with("--minutes=1", "--from=9").plan(clock))
        .isEqualTo(new SoakPlan(9, Long.MAX_VALUE, 60_000_000_000L));
    assertThat(Asked.with("--minutes=1").plan(clock).first())
        .isGreaterThan(clock.now().toEpochMilli());
    assertThat(Asked.with("--seeds=5", "--minutes=1").planOf(3))
        .isEqualTo(new SoakPlan(3, 1, 60_000_000_000L));
  }

  @Test
  void options_withoutSeedsOrTime_makeNoSense() {
    for (String wrong : List.of("--seeds=0", "--minutes=0", "--minutes=-1")) {
      assertThat(Asked.with(wrong).makeSense()).as(wrong).isFalse();
    }
    assertThat(Asked.with("--seeds=1", "--minutes=0.1").makeSense()).isTrue();
  }
}
