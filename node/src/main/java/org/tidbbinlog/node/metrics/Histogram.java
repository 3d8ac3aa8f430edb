package org.tidbbinlog.node.metrics;

import java.util.Arrays;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/** Counts observations by size. */
public final class Histogram implements Metric {
  private final double[] upperBounds;
  private final LongAdder[] counts;
  private final DoubleAdder sum = new DoubleAdder();

  Histogram(Buckets buckets) {
    this.upperBounds = buckets.upperBounds().stream().mapToDouble(Double::doubleValue).toArray();
    this.counts = new LongAdder[upperBounds.length + 1];
    Arrays.setAll(counts, i -> new LongAdder());
  }

  public void observe(double value) {
    int found = Arrays.binarySearch(upperBounds, value);
    counts[found < 0 ? -found - 1 : found].increment();
    sum.add(value);
  }

  /** Observes the time since {@code startNs}, an earlier {@link System#nanoTime()}, in seconds. */
  public void observeSince(long startNs, long nowNs) {
    observe((nowNs - startNs) / 1e9);
  }

  public long count() {
    return Arrays.stream(counts).mapToLong(LongAdder::sum).sum();
  }

  @Override
  public void write(StringBuilder out, String name, String labels) {
    String prefix = labels.isEmpty() ? "" : labels + ",";
    long total = 0;
    for (int i = 0; i < counts.length; i++) {
      total += counts[i].sum();
      double bound = i < upperBounds.length ? upperBounds[i] : Double.POSITIVE_INFINITY;
      Metric.line(
          out, name + "_bucket", prefix + "le=\"" + Metric.number(bound) + '"', (double) total);
    }
    Metric.line(out, name + "_sum", labels, sum.sum());
    Metric.line(out, name + "_count", labels, (double) total);
  }
}
