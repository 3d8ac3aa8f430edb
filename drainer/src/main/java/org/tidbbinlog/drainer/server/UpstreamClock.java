package org.tidbbinlog.drainer.server;

import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.time.TimeSource;
import org.tidbbinlog.node.process.DaemonThread;

/** Asks PD for the time every ten seconds, on a thread of its own, so that nobody waits for it. */
final class UpstreamClock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UpstreamClock.class);
  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final TimeSource upstream;
  private final Consumer<Tso> heard;
  private final Clock clock;
  private final Thread thread;

  /**
   * @param heard told each answer; nothing while PD is away
   */
  UpstreamClock(
      TimeSource upstream, Consumer<Tso> heard, Clock clock, Consumer<Throwable> onFailure) {
    this.upstream = upstream;
    this.heard = heard;
    this.clock = clock;
    this.thread = DaemonThread.named("drainer-clock-0", this::run, onFailure);
  }

  void start() {
    thread.start();
  }

  private void run() throws InterruptedException {
    while (true) {
      clock.sleep(PERIOD);
      ask();
    }
  }

  void ask() throws InterruptedException {
    try {
      heard.accept(upstream.next());
    } catch (RetryableException e) {
      LOG.atDebug().addKeyValue("error", e.getMessage()).log("upstream's time not heard");
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
