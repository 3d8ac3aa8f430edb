package org.tidbbinlog.pump.storage;

import org.tidbbinlog.base.Tso;

/** A reader asked for data that was collected: both ends of what is gone (I9). */
public final class PullGapException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final Tso fromExclusive;
  private final Tso gcTs;

  PullGapException(Tso fromExclusive, Tso gcTs) {
    super("binlogs after " + fromExclusive + " up to " + gcTs + " were garbage collected");
    this.fromExclusive = fromExclusive;
    this.gcTs = gcTs;
  }

  public Tso fromExclusive() {
    return fromExclusive;
  }

  public Tso gcTs() {
    return gcTs;
  }
}
