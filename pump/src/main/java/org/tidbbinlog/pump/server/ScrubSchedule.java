package org.tidbbinlog.pump.server;

import java.time.Duration;
import java.util.OptionalLong;
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
  private OptionalLong beganNs = OptionalLong.empty();

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
    if (isOn() && isDue()) {
      beganNs = OptionalLong.of(clock.nanoTime());
      store.scrub(pace());
    }
  }

  /** By the time that passed: a clock that is set must neither skip passes nor repeat them. */
  private boolean isDue() {
    return beganNs.isEmpty()
        || Duration.ofNanos(clock.nanoTime() - beganNs.getAsLong()).compareTo(interval) >= 0;
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
