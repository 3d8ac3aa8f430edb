package org.tidbbinlog.playground;

import java.util.Collections;
import java.util.List;
import org.tidbbinlog.base.Tso;

/** Counts in growing lists of commit timestamps. */
final class CommitCounts {
  private CommitCounts() {}

  /** How many of the sorted timestamps are at or before {@code checkpoint}. */
  static long upTo(List<Long> commits, Tso checkpoint) {
    synchronized (commits) {
      int found = Collections.binarySearch(commits, checkpoint.value());
      return found >= 0 ? found + 1 : -found - 1;
    }
  }
}
