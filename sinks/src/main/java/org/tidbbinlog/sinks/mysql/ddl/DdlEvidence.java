package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetTable;
import org.tidbbinlog.sinks.mysql.target.TargetTables;

/** Whether a DDL has had its effect, by looking at the target instead of sending it again. */
final class DdlEvidence {
  /** What a look says. */
  enum Effect {
    THERE,
    NOT_THERE,
    /** The statement leaves no trace that can be seen; running it again does no harm. */
    INVISIBLE
  }

  private DdlEvidence() {}

  static Effect look(SqlSession session, DdlPlan plan, SinkItem.Ddl item) throws SQLException {
    return switch (plan.head().kind()) {
      case CREATE_DATABASE -> is(databaseExists(session, database(plan, item)));
      case DROP_DATABASE -> is(!databaseExists(session, database(plan, item)));
      case CREATE_TABLE, CREATE_TABLE_LIKE, CREATE_VIEW, ALTER_TABLE ->
          structure(session, plan, item);
      case DROP_TABLE, DROP_VIEW, DROP_SEQUENCE -> is(allAbsent(session, plan, item));
      case RESURRECT ->
          is(
              item.table().isEmpty()
                  ? databaseExists(session, item.schema())
                  : exists(session, item.schema(), item.table()));
      case CREATE_SEQUENCE -> is(exists(session, item.schema(), item.table()));
      case RENAME_TABLE -> renamed(session, plan, item);
      default -> Effect.INVISIBLE;
    };
  }

  /** Done when the names that only stood on the left are gone; a cycle leaves no trace. */
  private static Effect renamed(SqlSession session, DdlPlan plan, SinkItem.Ddl item)
      throws SQLException {
    Set<String> gone = new LinkedHashSet<>();
    for (TableRef table : plan.head().tables()) {
      String name = SqlText.name(table.schemaOr(item.schema()), table.table());
      if (table.existence() == TableRef.Existence.NEW) {
        gone.remove(name);
      } else {
        gone.add(name);
      }
    }
    if (gone.isEmpty()) {
      return Effect.INVISIBLE;
    }
    for (TableRef table : plan.head().tables()) {
      String name = SqlText.name(table.schemaOr(item.schema()), table.table());
      boolean wanted = !gone.contains(name);
      boolean last = table.existence() == TableRef.Existence.NEW;
      boolean there = exists(session, table.schemaOr(item.schema()), table.table());
      if ((last && wanted && !there && !isLeftAgain(plan, table)) || (!wanted && there)) {
        return Effect.NOT_THERE;
      }
    }
    return Effect.THERE;
  }

  private static boolean isLeftAgain(DdlPlan plan, TableRef made) {
    return plan.head().tables().stream()
        .anyMatch(
            table ->
                table.existence() == TableRef.Existence.EXISTS
                    && table.start() > made.start()
                    && table.table().equals(made.table())
                    && table.schema().equals(made.schema()));
  }

  private static Effect is(boolean there) {
    return there ? Effect.THERE : Effect.NOT_THERE;
  }

  /** Same columns in the same order. An ALTER that changes no names leaves no trace here. */
  private static Effect structure(SqlSession session, DdlPlan plan, SinkItem.Ddl item)
      throws SQLException {
    TableRef table = plan.head().tables().get(0);
    TableInfo wanted = wanted(table, item);
    TargetTable there =
        TargetTables.read(table.schemaOr(item.schema()), table.table(), session::query);
    boolean alter = plan.head().kind() == DdlHead.Kind.ALTER_TABLE;
    if (wanted == null) {
      return alter ? Effect.INVISIBLE : is(!there.columns().isEmpty());
    }
    boolean same = columnsOf(wanted).equals(columnsOf(there));
    if (!same) {
      return Effect.NOT_THERE;
    }
    return alter && !changesColumns(item) ? Effect.INVISIBLE : Effect.THERE;
  }

  private static @Nullable TableInfo wanted(TableRef table, SinkItem.Ddl item) {
    for (TableInfo info : item.job().multipleTables()) {
      if (info.name().lower().equals(table.table().toLowerCase(Locale.ROOT))) {
        return info;
      }
    }
    return item.job().tableInfo();
  }

  private static boolean changesColumns(SinkItem.Ddl item) {
    return switch (item.job().action()) {
      case ADD_COLUMN, ADD_COLUMNS, DROP_COLUMN, DROP_COLUMNS, MULTI_SCHEMA_CHANGE -> true;
      default -> false;
    };
  }

  private static List<String> columnsOf(TableInfo info) {
    return info.columns().stream()
        .filter(column -> column.isPublic() && !column.hidden())
        .map(ColumnInfo::name)
        .map(name -> name.lower())
        .toList();
  }

  private static List<String> columnsOf(TargetTable table) {
    return table.columns().stream().map(column -> column.name().toLowerCase(Locale.ROOT)).toList();
  }

  private static String database(DdlPlan plan, SinkItem.Ddl item) {
    return plan.author() == DdlPlan.Author.UPSTREAM
        ? item.schema()
        : DdlHead.database(
            SqlLexer.tokens(plan.sql(), SqlLexer.DoubleQuotes.NAME, SqlLexer.TidbComments.SKIPPED));
  }

  private static boolean databaseExists(SqlSession session, String schema) throws SQLException {
    return !session
        .query(
            "select 1 from information_schema.schemata where schema_name=" + SqlText.string(schema))
        .isEmpty();
  }

  private static boolean exists(SqlSession session, String schema, String table)
      throws SQLException {
    return !session
        .query(
            "select 1 from information_schema.tables where table_schema="
                + SqlText.string(schema)
                + " and table_name="
                + SqlText.string(table))
        .isEmpty();
  }

  private static boolean allAbsent(SqlSession session, DdlPlan plan, SinkItem.Ddl item)
      throws SQLException {
    // A DROP of several tables makes one job a table, unless a person wrote it.
    boolean single = plan.author() == DdlPlan.Author.UPSTREAM && plan.head().tables().size() > 1;
    if (single) {
      return !exists(session, item.schema(), item.table());
    }
    for (TableRef table : plan.head().tables()) {
      if (exists(session, table.schemaOr(item.schema()), table.table())) {
        return false;
      }
    }
    return true;
  }
}
