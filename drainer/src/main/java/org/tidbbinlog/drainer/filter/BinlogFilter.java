package org.tidbbinlog.drainer.filter;

import java.util.EnumSet;
import java.util.Set;
import org.tidbbinlog.drainer.sink.RowChange;

/**
 * Decides what reaches the target, and under which names. Filters look at upstream's names.
 * Immutable; any thread. Source: drainer sections 2.1 and 9.
 */
public final class BinlogFilter {
  private final TableFilter tables;
  private final EventFilter events;
  private final TableRoutes routes;

  /**
   * @throws org.tidbbinlog.base.OperatorException when a pattern or a rule name is wrong
   */
  public BinlogFilter(FilterSettings settings) {
    tables = new TableFilter(settings);
    events = new EventFilter(settings);
    routes = TableRoutes.of(settings);
  }

  /**
   * Checks patterns and rule names.
   *
   * @throws org.tidbbinlog.base.OperatorException naming the key
   */
  public static void requireUsable(FilterSettings settings) {
    BinlogFilter unused = new BinlogFilter(settings);
  }

  /** What the tables that pass are called at the target. */
  public TableRoutes routes() {
    return routes;
  }

  /** The row changes of a table that pass; none for a filtered table. */
  public Set<RowChange.Kind> keptRows(String schema, String table) {
    EnumSet<RowChange.Kind> kept = EnumSet.noneOf(RowChange.Kind.class);
    if (!tables.keeps(schema, table)) {
      return kept;
    }
    for (RowChange.Kind kind : RowChange.Kind.values()) {
      if (events.keepsRow(schema, table, eventOf(kind))) {
        kept.add(kind);
      }
    }
    return kept;
  }

  /**
   * @param table "" for a statement about the schema itself
   * @param query the job's original text
   */
  public boolean keepsDdl(String schema, String table, String query) {
    return tables.keeps(schema, table)
        && events.keepsStatement(schema, table, StatementEvent.of(query), query);
  }

  private static EventKind eventOf(RowChange.Kind kind) {
    return switch (kind) {
      case INSERT -> EventKind.INSERT;
      case UPDATE -> EventKind.UPDATE;
      case DELETE -> EventKind.DELETE;
    };
  }
}
