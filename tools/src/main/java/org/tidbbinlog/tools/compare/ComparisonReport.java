package org.tidbbinlog.tools.compare;

import java.util.ArrayList;
import java.util.List;

/**
 * What a comparison found.
 *
 * @param tables tables that had to be there
 * @param rows rows that had to be there
 * @param differences the first of them, one readable line each
 * @param differenceCount all of them
 */
public record ComparisonReport(
    int tables, long rows, List<String> differences, long differenceCount) {
  public ComparisonReport {
    differences = List.copyOf(differences);
  }

  public boolean isEqual() {
    return differenceCount == 0;
  }

  /** Collects differences; keeps the first {@code limit} lines and counts the rest. */
  static final class Collector {
    private static final int LIMIT = 100;

    private final List<String> lines = new ArrayList<>();
    private long count;

    void add(String line) {
      count++;
      if (lines.size() < LIMIT) {
        lines.add(line);
      }
    }

    ComparisonReport report(int tables, long rows) {
      return new ComparisonReport(tables, rows, lines, count);
    }
  }
}
