package org.tidbbinlog.drainer.airlock;

import org.tidbbinlog.base.Tso;

/**
 * What somebody chose for a held statement.
 *
 * @param statement its position in the job as it was then: with all earlier choices made
 * @param replacement what to run in its place, may be several statements; empty unless replaced
 * @param schema what unqualified names in it mean; empty when not known
 * @param heldFor why it was held then
 */
public record DdlChoice(
    Tso commitTs,
    Action action,
    int statement,
    String replacement,
    String schema,
    HeldDdl.Reason heldFor) {
  /** What to do with it. */
  public enum Action {
    SKIP,
    RETRY,
    REPLACE
  }
}
