package org.tidbbinlog.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.tidbbinlog.base.Clock;

/** What many runs came to. Added to by several threads. */
final class SimulationSummary {
  private final Clock clock;
  private final long startedNs;
  private final List<Simulation.Outcome> failures = new ArrayList<>();
  private long seeds;
  private long transactions;
  private long events;

  SimulationSummary(Clock clock) {
    this.clock = clock;
    this.startedNs = clock.nanoTime();
  }

  static SimulationSummary of(Simulation.Outcome outcome, Clock clock) {
    SimulationSummary summary = new SimulationSummary(clock);
    summary.add(outcome);
    return summary;
  }

  synchronized void add(Simulation.Outcome outcome) {
    seeds++;
    transactions += outcome.transactions();
    events += outcome.events();
    if (!outcome.isClean()) {
      failures.add(outcome);
    }
  }

  synchronized List<Simulation.Outcome> failures() {
    return List.copyOf(failures);
  }

  synchronized String line() {
    return String.format(
        Locale.ROOT,
        "simulate: %d seeds, %d transactions, %d events, %d failures, %.1f seeds/s",
        seeds,
        transactions,
        events,
        failures.size(),
        seeds / seconds());
  }

  synchronized String totals() {
    return String.format(
        Locale.ROOT,
        "seeds=%d transactions=%d events=%d failures=%d seconds=%.1f",
        seeds,
        transactions,
        events,
        failures.size(),
        seconds());
  }

  synchronized String json() {
    String each =
        failures.stream()
            .map(
                failure ->
                    "{\"seed\":%d,\"hash\":\"%s\",\"failure\":%s}"
                        .formatted(failure.seed(), failure.hash(), quoted(failure.failure())))
            .collect(Collectors.joining(","));
    return String.format(
        Locale.ROOT,
        "{\"seeds\":%d,\"transactions\":%d,\"events\":%d,\"seconds\":%.1f,\"failures\":[%s]}",
        seeds,
        transactions,
        events,
        seconds(),
        each);
  }

  private double seconds() {
    return Math.max(1, clock.nanoTime() - startedNs) / 1e9;
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
