package org.tidbbinlog.cluster.schema;

import org.tidbbinlog.base.Tso;

/** The asked timestamp is behind the GC safe point: TiKV can no longer answer for it. */
public final class SnapshotTooOldException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SnapshotTooOldException(Tso asked, Tso safePoint) {
    super("schema snapshot at " + asked + " is behind the GC safe point " + safePoint);
  }
}
