package org.tidbbinlog.drainer.airlock;

import java.time.Instant;
import org.tidbbinlog.base.Tso;

/**
 * A statement that the target is at work on.
 *
 * @param connection number of its connection there
 * @param seen what the target's process list said of it last; empty while nobody has looked
 */
public record RunningDdl(
    Tso commitTs, String statement, Instant since, long connection, String seen) {
  /** As before, looked at once more. */
  RunningDdl seenAs(String told) {
    return new RunningDdl(commitTs, statement, since, connection, told);
  }
}
