package org.tidbbinlog.pump.server;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * When the disk will be full if binlogs go on coming as they did in the last ten minutes. Bounded:
 * one sample every ten seconds. Sampled by a loop, asked by {@code /status}.
 */
final class DiskForecast {
  private static final long SPAN_NS = Duration.ofMinutes(10).toNanos();
  private final long stopAtBytes;
  private final Deque<Sample> samples = new ArrayDeque<>();

  private record Sample(long atNs, long writtenBytes, long availableBytes) {}

  /**
   * @param stopAtBytes available space at which writes are refused
   */
  DiskForecast(long stopAtBytes) {
    this.stopAtBytes = stopAtBytes;
  }

  /**
   * @param writtenBytes of value log since the process began
   */
  synchronized void sample(long atNs, long writtenBytes, long availableBytes) {
    samples.addLast(new Sample(atNs, writtenBytes, availableBytes));
    while (samples.size() > 2 && atNs - samples.getFirst().atNs() > SPAN_NS) {
      samples.removeFirst();
    }
  }

  /** Zero while there is nothing to compare. */
  synchronized double bytesPerSecond() {
    if (samples.size() < 2) {
      return 0;
    }
    long ns = samples.getLast().atNs() - samples.getFirst().atNs();
    long bytes = samples.getLast().writtenBytes() - samples.getFirst().writtenBytes();
    return ns <= 0 ? 0 : bytes * 1e9 / ns;
  }

  synchronized long availableBytes() {
    return samples.isEmpty() ? 0 : samples.getLast().availableBytes();
  }

  /** Until writes are refused; empty while nothing is written. */
  synchronized Optional<Duration> untilFull() {
    double rate = bytesPerSecond();
    if (rate <= 0) {
      return Optional.empty();
    }
    double room = Math.max(0, availableBytes() - stopAtBytes);
    return Optional.of(Duration.ofSeconds((long) Math.min(room / rate, Integer.MAX_VALUE)));
  }
}
