package org.tidbbinlog.drainer.sink;

import java.util.List;

/**
 * Why a DDL has no statement that the target could be given: somebody has to choose.
 *
 * @param why in a few words; empty when there is none
 * @param tables whose rows may depend on it, by the target's names; none means all there are
 */
public record Obstacle(Kind kind, String why, List<Table> tables) {
  public static final Obstacle NONE = new Obstacle(Kind.NONE, "", List.of());

  public Obstacle {
    tables = List.copyOf(tables);
  }

  /** What stands in the way. */
  public enum Kind {
    NONE,
    /** {@code table-migrate-rule} has no place at the target for what it names. */
    NO_ROUTE,
    /** The job's action is not known here, and the job does not tell its effect. */
    UNKNOWN_ACTION
  }

  /** A table or, with table "", a whole database. */
  public record Table(String schema, String table) {}

  public boolean isNone() {
    return kind == Kind.NONE;
  }
}
