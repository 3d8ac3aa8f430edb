package org.tidbbinlog.node.metrics;

/** One time series (or one set of buckets) of a family. */
sealed interface Metric permits Counter, Gauge, Histogram {
  /**
   * Appends its lines.
   *
   * @param labels {@code name="value"} pairs joined with commas, or empty
   */
  void write(StringBuilder out, String name, String labels);

  static void line(StringBuilder out, String name, String labels, double value) {
    out.append(name);
    if (!labels.isEmpty()) {
      out.append('{').append(labels).append('}');
    }
    out.append(' ').append(number(value)).append('\n');
  }

  static String number(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
    return whole ? Long.toString((long) value) : Double.toString(value);
  }
}
