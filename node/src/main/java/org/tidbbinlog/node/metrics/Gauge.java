package org.tidbbinlog.node.metrics;

import java.util.function.DoubleSupplier;

/** A value that goes up and down. */
public final class Gauge implements Metric {
  private volatile DoubleSupplier value = () -> 0;

  Gauge() {}

  public void set(double now) {
    value = () -> now;
  }

  /** From now on the value is asked for at each scrape. */
  public void follow(DoubleSupplier source) {
    value = source;
  }

  public double value() {
    return value.getAsDouble();
  }

  @Override
  public void write(StringBuilder out, String name, String labels) {
    Metric.line(out, name, labels, value());
  }
}
