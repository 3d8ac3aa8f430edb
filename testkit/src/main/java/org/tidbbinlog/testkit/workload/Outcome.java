package org.tidbbinlog.testkit.workload;

import java.util.Optional;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.binlog.Binlog;

/** How a transaction ends, and what the Pump hears of it. */
public enum Outcome {
  COMMIT,
  ROLLBACK,
  /** Committed; the second record never comes. */
  COMMIT_UNHEARD,
  /** Committed, but TiDB could not tell and says rollback. */
  COMMIT_HEARD_AS_ROLLBACK,
  /** Rolled back; the second record never comes. */
  ROLLBACK_UNHEARD;

  public boolean isCommitted() {
    return this == COMMIT || this == COMMIT_UNHEARD || this == COMMIT_HEARD_AS_ROLLBACK;
  }

  /** The second record, if one is sent. */
  public Optional<Binlog> notice(Binlog prewrite, Tso commitTs) {
    return switch (this) {
      case COMMIT -> Optional.of(Binlog.commitOf(prewrite, commitTs));
      case ROLLBACK, COMMIT_HEARD_AS_ROLLBACK -> Optional.of(Binlog.rollbackOf(prewrite));
      case COMMIT_UNHEARD, ROLLBACK_UNHEARD -> Optional.empty();
    };
  }
}
