package org.tidbbinlog.tools.soak;

import java.time.Duration;
import org.tidbbinlog.base.Clock;

/** Runs the seeds of a plan while one thread looks on. */
public final class Soak {
  private static final Duration LOOK_EVERY = Duration.ofMillis(200);

  private final SoakPlan plan;
  private final int jobs;
  private final String threadName;
  private final Clock clock;

  /**
   * @param threadName of the runners, which have a number behind it
   */
  public Soak(SoakPlan plan, int jobs, String threadName, Clock clock) {
    this.plan = plan;
    this.jobs = jobs;
    this.threadName = threadName;
    this.clock = clock;
  }

  /**
   * Returns when all that was begun has ended; throws what ended a worker early.
   *
   * @param look called by this thread, again and again as long as seeds run
   */
  public void run(SeedWorker.Source workers, Runnable look) throws InterruptedException {
    long startNs = clock.nanoTime();
    try (SeedRunners runners = new SeedRunners(plan, jobs, threadName, workers)) {
      while (!runners.await(LOOK_EVERY)) {
        if (clock.nanoTime() - startNs > plan.limitNs()) {
          runners.stop();
        }
        look.run();
      }
    }
  }
}
