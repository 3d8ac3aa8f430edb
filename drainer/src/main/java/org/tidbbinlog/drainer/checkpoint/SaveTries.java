package org.tidbbinlog.drainer.checkpoint;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;

/** The tries of one save: how many there are, and how often the operator hears of them. */
final class SaveTries {
  private static final Logger LOG = LoggerFactory.getLogger(SaveTries.class);
  private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);
  private static final Duration BETWEEN_WARNINGS = Duration.ofSeconds(10);
  private static final int FEW = 5;

  private final Clock clock;
  private final Duration patience;
  private final long startNanos;
  private int failed;
  private long warnedNanos;

  private SaveTries(Duration patience, Clock clock) {
    this.clock = clock;
    this.patience = patience;
    this.startNanos = clock.nanoTime();
  }

  /** Five, as in the original. */
  static SaveTries few(Clock clock) {
    return new SaveTries(Duration.ZERO, clock);
  }

  /** Five, and more until so much time has passed. */
  static SaveTries within(Duration patience, Clock clock) {
    return new SaveTries(patience, clock);
  }

  boolean arePatient() {
    return !patience.isZero();
  }

  /**
   * Tells it, once in ten seconds.
   *
   * @throws OperatorException when this was the last try
   */
  void failed(RuntimeException cause) {
    failed++;
    long now = clock.nanoTime();
    if (failed >= FEW && now - startNanos >= patience.toNanos()) {
      throw new OperatorException(
          "the checkpoint could not be saved in "
              + failed
              + " tries: "
              + cause.getMessage()
              + "; the next start goes on from the last one saved",
          cause);
    }
    if (failed == 1 || now - warnedNanos >= BETWEEN_WARNINGS.toNanos()) {
      warnedNanos = now;
      LOG.atWarn()
          .addKeyValue("tries", failed)
          .addKeyValue("waited", Duration.ofNanos(now - startNanos).toSeconds() + "s")
          .addKeyValue("limit", patience.toSeconds() + "s")
          .addKeyValue("error", cause.getMessage())
          .log("checkpoint not saved, trying again");
    }
  }

  void pause() throws InterruptedException {
    clock.sleep(BETWEEN_TRIES);
  }
}
