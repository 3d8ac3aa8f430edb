package org.tidbbinlog.tools.differ;

import java.util.ArrayList;
import java.util.List;
import org.tidbbinlog.base.Clock;

/** What a soak has seen. Thread-safe. */
final class DifferSummary {
  private static final double NANOS_A_MINUTE = 60e9;

  private final Clock clock;
  private final long startNs;
  private final List<CaseOutcome> failures = new ArrayList<>();
  private long cases;
  private long transactions;
  private long rows;
  private long ddl;

  DifferSummary(Clock clock) {
    this.clock = clock;
    this.startNs = clock.nanoTime();
  }

  synchronized void add(CaseOutcome outcome) {
    cases++;
    transactions += outcome.transactions();
    rows += outcome.rows();
    ddl += outcome.ddl();
    if (!outcome.isEqual()) {
      failures.add(outcome);
    }
  }

  synchronized boolean isClean() {
    return failures.isEmpty() && cases > 0;
  }

  synchronized List<CaseOutcome> failuresFrom(int first) {
    return List.copyOf(failures.subList(first, failures.size()));
  }

  synchronized String totals() {
    double minutes = (clock.nanoTime() - startNs) / NANOS_A_MINUTE;
    return "cases=%d transactions=%d rows=%d ddl=%d different=%d minutes=%.1f cases/min=%.0f"
        .formatted(cases, transactions, rows, ddl, failures.size(), minutes, cases / minutes);
  }
}
