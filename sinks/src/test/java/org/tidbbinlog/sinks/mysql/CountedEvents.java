package org.tidbbinlog.sinks.mysql;

import java.util.Map;
import java.util.TreeMap;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;

/** How often each kind of event was counted. */
final class CountedEvents implements SinkCounters.Listener {
  private final Map<String, Integer> counts = new TreeMap<>();

  @Override
  public synchronized void onEvents(String kind, int count) {
    counts.merge(kind, count, Integer::sum);
  }

  synchronized Map<String, Integer> counts() {
    return Map.copyOf(counts);
  }

  @Override
  public void onExecuted(double seconds) {}

  @Override
  public void onQuery(String type, double seconds) {}

  @Override
  public void onDivergence(int rowCount) {}

  @Override
  public void onDdlPartSkipped() {}
}
