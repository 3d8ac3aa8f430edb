package org.tidbbinlog.pump.storage;

/** What a reader gets who asks for data that is gone (I9). */
public enum GapPolicy {
  /** A {@link PullGapException} with both ends. */
  REFUSE,
  /** As the original: start at the oldest data there is; counted. */
  SKIP
}
