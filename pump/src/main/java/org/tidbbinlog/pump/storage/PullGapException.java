package org.tidbbinlog.pump.storage;

import org.tidbbinlog.base.Tso;

/** A reader asked for data that was collected or is damaged: both ends of what is gone (I9). */
public final class PullGapException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final Tso fromExclusive;
  private final Tso gcTs;

  PullGapException(Tso fromExclusive, Tso gcTs) {
    super("binlogs after " + fromExclusive + " up to " + gcTs + " were garbage collected");
    this.fromExclusive = fromExclusive;
    this.gcTs = gcTs;
  }

  /** The reader has everything before the damage that was sorted. */
  PullGapException(Tso position, DamagedStretch damage) {
    super(
        "binlogs after "
            + position.max(damage.after())
            + " up to "
            + damage.upTo()
            + " may be missing: "
            + damage.file()
            + " at "
            + damage.offset()
            + " is damaged, "
            + damage.bytes()
            + " bytes");
    this.fromExclusive = position.max(damage.after());
    this.gcTs = damage.upTo();
  }

  public Tso fromExclusive() {
    return fromExclusive;
  }

  /** Upper end: everything above it is here. */
  public Tso gcTs() {
    return gcTs;
  }
}
