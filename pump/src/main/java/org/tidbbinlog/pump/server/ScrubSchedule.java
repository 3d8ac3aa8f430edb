package org.tidbbinlog.pump.server;

import java.time.Duration;
import java.time.Instant;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.pump.storage.BinlogStore;
import org.tidbbinlog.pump.storage.ScrubPace;

/** Lets the store be scrubbed at an easy pace, again some time after the last pass began. */
final class ScrubSchedule {
  private static final Duration LOOK = Duration.ofMinutes(1);

  private final BinlogStore store;
  private final Clock clock;
  private final Duration interval;
  private final long bytesPerSecond;
  private Instant next = Instant.MIN;

  /**
   * @param bytesPerSecond zero = never
   */
  ScrubSchedule(BinlogStore store, Clock clock, Duration interval, long bytesPerSecond) {
    this.store = store;
    this.clock = clock;
    this.interval = interval;
    this.bytesPerSecond = bytesPerSecond;
  }

  boolean isOn() {
    return bytesPerSecond > 0;
  }

  /** How often to ask whether a pass is due. */
  Duration lookEvery() {
    return interval.compareTo(LOOK) < 0 ? interval : LOOK;
  }

  /** A whole pass when it is due. */
  void maybeScrub() throws InterruptedException {
    Instant now = clock.now();
    if (isOn() && !now.isBefore(next)) {
      next = now.plus(interval);
      store.scrub(pace());
    }
  }

  private ScrubPace pace() {
    long startNs = clock.nanoTime();
    long[] bytes = {0};
    return read -> {
      bytes[0] += read;
      long earliestNs = (long) (bytes[0] * 1e9 / bytesPerSecond);
      clock.sleep(Duration.ofNanos(earliestNs - (clock.nanoTime() - startNs)));
    };
  }
}
