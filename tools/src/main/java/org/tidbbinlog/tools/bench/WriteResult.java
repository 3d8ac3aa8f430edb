package org.tidbbinlog.tools.bench;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * What a load did.
 *
 * @param prewriteNs from sending a Prewrite to its answer
 */
record WriteResult(long transactions, double seconds, Histogram prewriteNs, Series series) {
  /**
   * One step of the way.
   *
   * @param atSeconds its end, from the beginning
   * @param transactions up to then
   */
  record Period(double atSeconds, long transactions, double perSecond, Histogram prewriteNs) {}

  double perSecond() {
    return transactions / seconds;
  }

  static double ms(Histogram nanoseconds, double percentile) {
    return nanoseconds.getValueAtPercentile(percentile) / 1e6;
  }

  double maxMs() {
    return prewriteNs.getMaxValue() / 1e6;
  }

  /** The course of a load in stretches of about ten seconds: is it flat? */
  static final class Series {
    private static final double STRETCH_SECONDS = 10;

    /** One stretch. */
    record Point(double atSeconds, double perSecond, double p99Ms) {}

    private final List<Point> points = new ArrayList<>();
    private Histogram latencies = new Histogram(3);
    private double beginSeconds;
    private long beginTransactions;

    void add(Period period) {
      latencies.add(period.prewriteNs());
      double seconds = period.atSeconds() - beginSeconds;
      if (seconds >= STRETCH_SECONDS) {
        double perSecond = (period.transactions() - beginTransactions) / seconds;
        points.add(new Point(period.atSeconds(), perSecond, ms(latencies, 99)));
        latencies = new Histogram(3);
        beginSeconds = period.atSeconds();
        beginTransactions = period.transactions();
      }
    }

    List<Point> points() {
      return List.copyOf(points);
    }
  }
}
