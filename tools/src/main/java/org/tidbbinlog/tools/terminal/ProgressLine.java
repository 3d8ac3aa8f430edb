package org.tidbbinlog.tools.terminal;

import java.time.Duration;
import java.util.function.Supplier;
import org.tidbbinlog.base.Clock;

/** A line now and then that says how far a long work is. One thread. */
public final class ProgressLine {
  private static final Duration EVERY = Duration.ofSeconds(5);

  private final Terminal terminal;
  private final Clock clock;
  private final Supplier<String> text;
  private long toldNs;

  public ProgressLine(Terminal terminal, Clock clock, Supplier<String> text) {
    this.terminal = terminal;
    this.clock = clock;
    this.text = text;
    this.toldNs = clock.nanoTime();
  }

  /** Tells when some seconds have gone by since the last time. */
  public void maybeTell() {
    if (clock.nanoTime() - toldNs > EVERY.toNanos()) {
      toldNs = clock.nanoTime();
      terminal.line(text.get());
    }
  }
}
