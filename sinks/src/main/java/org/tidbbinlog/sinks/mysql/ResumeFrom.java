package org.tidbbinlog.sinks.mysql;

import org.tidbbinlog.base.Tso;

/**
 * Where the stream given to the sink begins: after this commit timestamp.
 *
 * @param origin a loaded checkpoint, or the configured first timestamp where none was stored
 * @param ledgerId name of the ledger that a checkpoint on another server belongs to; empty when the
 *     row names none
 */
public record ResumeFrom(Tso commitTsExclusive, Origin origin, String ledgerId) {
  /** Who says where to begin. */
  public enum Origin {
    CHECKPOINT,
    /** A checkpoint that an orderly exit left: nothing behind it is at the target. */
    COMPLETE,
    /** A checkpoint on another server than the rows and the ledger. */
    ELSEWHERE,
    INITIAL
  }

  public static ResumeFrom checkpoint(Tso commitTs) {
    return new ResumeFrom(commitTs, Origin.CHECKPOINT, "");
  }

  public static ResumeFrom complete(Tso commitTs) {
    return new ResumeFrom(commitTs, Origin.COMPLETE, "");
  }

  public static ResumeFrom elsewhere(Tso commitTs, String ledgerId) {
    return new ResumeFrom(commitTs, Origin.ELSEWHERE, ledgerId);
  }

  public static ResumeFrom initial(Tso commitTs) {
    return new ResumeFrom(commitTs, Origin.INITIAL, "");
  }
}
