package org.tidbbinlog.sinks.mysql;

import org.tidbbinlog.base.Tso;

/**
 * Where the stream given to the sink begins: after this commit timestamp.
 *
 * @param origin a loaded checkpoint, or the configured first timestamp where none was stored
 * @param ledgerId name of the ledger that a checkpoint on another server belongs to; empty when the
 *     row names none
 * @param upstreamNow nothing that is in the target by now committed later, but for what another
 *     program may be sending still; {@link Tso#MAX} where upstream's clock could not be asked
 */
public record ResumeFrom(Tso commitTsExclusive, Origin origin, String ledgerId, Tso upstreamNow) {
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
    return new ResumeFrom(commitTs, Origin.CHECKPOINT, "", Tso.MAX);
  }

  public static ResumeFrom complete(Tso commitTs) {
    return new ResumeFrom(commitTs, Origin.COMPLETE, "", Tso.MAX);
  }

  public static ResumeFrom elsewhere(Tso commitTs, String ledgerId) {
    return new ResumeFrom(commitTs, Origin.ELSEWHERE, ledgerId, Tso.MAX);
  }

  public static ResumeFrom initial(Tso commitTs) {
    return new ResumeFrom(commitTs, Origin.INITIAL, "", Tso.MAX);
  }

  /** The same, when upstream's clock says this. */
  ResumeFrom at(Tso now) {
    return new ResumeFrom(commitTsExclusive, origin, ledgerId, now);
  }
}
