package org.tidbbinlog.sinks.mysql.apply;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.drainer.sink.Divergence;
import org.tidbbinlog.drainer.sink.Divergences;

/**
 * Rows that are not as the binlog says: one line each in the log up to a bound, how many there were
 * once a minute beyond it, and all of them counted. Thread-safe.
 */
final class DivergenceReport {
  private static final Logger LOG = LoggerFactory.getLogger(DivergenceReport.class);
  private static final int MOST_LINES = 1000;
  private static final Duration BETWEEN_SUMS = Duration.ofMinutes(1);

  private final Divergences seen;
  private int lines;
  private long onlyCounted;
  private Optional<Divergence> lastCounted = Optional.empty();
  private Instant summedUpAt = Instant.EPOCH;

  DivergenceReport(Divergences seen) {
    this.seen = seen;
  }

  long count() {
    return seen.count();
  }

  /** Whether one more would get its own line. */
  synchronized boolean namesEach() {
    return lines < MOST_LINES;
  }

  /**
   * @param rowCount 1, or how many rows when it is not known which they are
   */
  synchronized void add(Divergence one, long rowCount) {
    seen.add(one, rowCount);
    if (lines < MOST_LINES) {
      lines++;
      LOG.atWarn()
          .addKeyValue("what", one.what())
          .addKeyValue("table", one.table())
          .addKeyValue("key", one.key())
          .addKeyValue("commit-ts", one.commitTs())
          .log("target diverges from the row images");
      return;
    }
    onlyCounted += rowCount;
    lastCounted = Optional.of(one);
    if (summedUpAt.equals(Instant.EPOCH)) {
      sumUp(one.time());
    }
  }

  /** Asked often: those that got no line, not oftener than once a minute. */
  synchronized void maybeSumUp(Instant now) {
    if (Duration.between(summedUpAt, now).abs().compareTo(BETWEEN_SUMS) >= 0) {
      sumUp(now);
    }
  }

  synchronized void sumUp(Instant now) {
    lastCounted.ifPresent(
        last ->
            LOG.atWarn()
                .addKeyValue("rows", onlyCounted)
                .addKeyValue("total", seen.count())
                .addKeyValue("table", last.table())
                .addKeyValue("key", last.key())
                .addKeyValue("commit-ts", last.commitTs())
                .log("target goes on diverging, rows are counted and not named; this is the last"));
    if (lastCounted.isPresent()) {
      summedUpAt = now;
      onlyCounted = 0;
      lastCounted = Optional.empty();
    }
  }
}
