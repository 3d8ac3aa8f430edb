package org.tidbbinlog.node.metrics;

import java.util.concurrent.atomic.LongAdder;

/** Counts up. */
public final class Counter implements Metric {
  private final LongAdder value = new LongAdder();

  Counter() {}

  public void increment() {
    value.increment();
  }

  public void add(long amount) {
    value.add(amount);
  }

  public long value() {
    return value.sum();
  }

  @Override
  public void write(StringBuilder out, String name, String labels) {
    Metric.line(out, name, labels, (double) value.sum());
  }
}
