package org.tidbbinlog.node.metrics;

import java.util.ArrayList;
import java.util.List;

/** Upper bounds of a histogram's buckets, ascending; the last, infinite one is added by itself. */
public record Buckets(List<Double> upperBounds) {
  public Buckets {
    upperBounds = List.copyOf(upperBounds);
  }

  /** {@code first}, {@code first * factor}, and so on, {@code count} of them. */
  public static Buckets exponential(double first, double factor, int count) {
    List<Double> bounds = new ArrayList<>();
    double bound = first;
    for (int i = 0; i < count; i++) {
      bounds.add(bound);
      bound *= factor;
    }
    return new Buckets(bounds);
  }
}
