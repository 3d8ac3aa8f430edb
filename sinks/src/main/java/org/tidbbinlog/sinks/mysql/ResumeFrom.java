package org.tidbbinlog.sinks.mysql;

import org.tidbbinlog.base.Tso;

/**
 * Where the stream given to the sink begins: after this commit timestamp.
 *
 * @param origin a loaded checkpoint, or the configured first timestamp where none was stored
 */
public record ResumeFrom(Tso commitTsExclusive, Origin origin) {
  /** Who says where to begin. */
  public enum Origin {
    CHECKPOINT,
    INITIAL
  }

  public static ResumeFrom checkpoint(Tso commitTs) {
    return new ResumeFrom(commitTs, Origin.CHECKPOINT);
  }

  public static ResumeFrom initial(Tso commitTs) {
    return new ResumeFrom(commitTs, Origin.INITIAL);
  }
}
