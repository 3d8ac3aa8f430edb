package org.tidbbinlog.sinks.mysql.ddl;

import java.util.Map;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.ddl.Footprint.Trace;

/**
 * How a statement ended whose end nobody saw: from what its tables were like before, and are now.
 */
enum DdlOutcome {
  DONE,
  /** Not done, or of a kind that may run again without harm. */
  NOT_DONE,
  /** The target does not tell, and a second run could undo the first. */
  UNKNOWN;

  /** For statements about tables; databases tell by being there. */
  static DdlOutcome of(DdlPlan plan, SinkItem.Ddl item, Footprint before, Footprint now) {
    return switch (plan.head().kind()) {
      case CREATE_TABLE, CREATE_TABLE_LIKE, CREATE_VIEW, CREATE_SEQUENCE ->
          created(plan.head().tables().get(0), item, before, now);
      case ALTER_TABLE ->
          Exchange.of(plan.sql())
              .map(other -> exchanged(other, item, before, now))
              .orElseGet(() -> altered(plan, item, before, now));
      case CREATE_INDEX, DROP_INDEX, ALTER_SEQUENCE -> altered(plan, item, before, now);
      case TRUNCATE_TABLE -> truncated(plan.head().tables().get(0), item, before, now);
      case RENAME_TABLE -> renamed(plan, item, before, now);
      case ALTER_DATABASE -> NOT_DONE;
      default -> UNKNOWN;
    };
  }

  private static DdlOutcome created(
      TableRef made, SinkItem.Ddl item, Footprint before, Footprint now) {
    String schema = made.schemaOr(item.schema());
    boolean was = before.of(schema, made.table()).isThere();
    return !was && now.of(schema, made.table()).isThere() ? DONE : NOT_DONE;
  }

  /** One that leaves the structure as it was does no harm again: it only sets what is set. */
  private static DdlOutcome altered(
      DdlPlan plan, SinkItem.Ddl item, Footprint before, Footprint now) {
    for (TableRef table : plan.head().tables()) {
      String schema = table.schemaOr(item.schema());
      String was = before.of(schema, table.table()).structure();
      String is = now.of(schema, table.table()).structure();
      if (was.equals(Trace.UNTOLD) || is.equals(Trace.UNTOLD)) {
        return UNKNOWN;
      }
      if (!was.equals(is)) {
        return DONE;
      }
    }
    return NOT_DONE;
  }

  /** The rows of the other table change places with those of a partition, and so do numbers. */
  private static DdlOutcome exchanged(
      TableRef other, SinkItem.Ddl item, Footprint before, Footprint now) {
    Trace was = before.of(other.schemaOr(item.schema()), other.table());
    Trace is = now.of(other.schemaOr(item.schema()), other.table());
    if (!was.hasIds() || !is.hasIds()) {
      return UNKNOWN;
    }
    return was.ids().equals(is.ids()) ? NOT_DONE : DONE;
  }

  /** No row came after it, so emptying again is harmless where no number tells. */
  private static DdlOutcome truncated(
      TableRef table, SinkItem.Ddl item, Footprint before, Footprint now) {
    Trace was = before.of(table.schemaOr(item.schema()), table.table());
    Trace is = now.of(table.schemaOr(item.schema()), table.table());
    // Gone: its rows were moved aside (keep-dropped), and nothing took their place yet.
    boolean told = was.hasIds() && is.hasIds() && is.isThere();
    return told && !was.ids().equals(is.ids()) ? DONE : NOT_DONE;
  }

  /** Either nothing has moved, or all has; anything else is somebody else's doing. */
  private static DdlOutcome renamed(
      DdlPlan plan, SinkItem.Ddl item, Footprint before, Footprint now) {
    Footprint after = before.renamed(plan.head().tables(), item.schema());
    if (before.hasAllIds() && now.hasAllIds()) {
      return moved(before.ids(), after.ids(), now.ids());
    }
    return before.byTable().isEmpty()
        ? UNKNOWN
        : moved(before.structures(), after.structures(), now.structures());
  }

  private static DdlOutcome moved(
      Map<String, String> before, Map<String, String> after, Map<String, String> now) {
    if (before.equals(after)) {
      return UNKNOWN;
    }
    return now.equals(after) ? DONE : now.equals(before) ? NOT_DONE : UNKNOWN;
  }
}
