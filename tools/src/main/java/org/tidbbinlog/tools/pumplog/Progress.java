package org.tidbbinlog.tools.pumplog;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.pump.storage.ScrubPace;

/** Says on the error output how far a long read is, once in a while. One thread. */
final class Progress implements ScrubPace {
  private static final long EVERY_NS = Duration.ofSeconds(2).toNanos();
  private final PrintStream out;
  private final Clock clock;
  private final long totalBytes;
  private final long startNs;
  private long saidNs;
  private long readBytes;

  Progress(PrintStream out, Clock clock, long totalBytes) {
    this.out = out;
    this.clock = clock;
    this.totalBytes = totalBytes;
    this.startNs = clock.nanoTime();
    this.saidNs = startNs;
  }

  @Override
  public void read(long bytes) {
    readBytes += bytes;
    long now = clock.nanoTime();
    if (now - saidNs >= EVERY_NS) {
      saidNs = now;
      out.printf(
          Locale.ROOT,
          "pump-log: %.0f of %.0f MB (%d %%), %.0f MB/s%n",
          readBytes / 1e6,
          totalBytes / 1e6,
          totalBytes == 0 ? 100 : Math.min(100, readBytes * 100 / totalBytes),
          readBytes * 1e3 / Math.max(1, now - startNs));
    }
  }

  long readBytes() {
    return readBytes;
  }

  double seconds() {
    return (clock.nanoTime() - startNs) / 1e9;
  }
}
