package org.tidbbinlog.sinks.mysql.rows;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.RowImage;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Columns;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.SafeMode;
import org.tidbbinlog.sinks.mysql.rows.NetRows.Net;
import org.tidbbinlog.sinks.mysql.rows.NetRows.Row;
import org.tidbbinlog.sinks.mysql.rows.PlannedStatement.Kind;
import org.tidbbinlog.sinks.mysql.rows.PlannedStatement.SqlMode;
import org.tidbbinlog.sinks.mysql.target.Dialect;

/**
 * Turns the row changes of one target transaction into few statements: per table all deletes, then
 * updates, then inserts of what the changes come to. Tables whose rows no key surely finds keep the
 * order of their changes.
 */
public final class StatementPlanner {
  private static final int MOST_ROWS = 500;

  private final RowSql sql;
  private final Columns columns;
  private final int softLimitChars;
  private final int mostRows;

  /**
   * @param softLimitChars a statement ends when it is longer than this
   */
  public StatementPlanner(Dialect dialect, Columns columns, int softLimitChars) {
    this(new RowSql(dialect), columns, softLimitChars, MOST_ROWS);
  }

  private StatementPlanner(RowSql sql, Columns columns, int softLimitChars, int mostRows) {
    this.sql = sql;
    this.columns = columns;
    this.softLimitChars = softLimitChars;
    this.mostRows = mostRows;
  }

  /** The same rows in the same order, each in a statement of its own. */
  public StatementPlanner oneRowAStatement() {
    return new StatementPlanner(sql, columns, softLimitChars, 1);
  }

  public List<PlannedStatement> plan(List<RowOp> ops) {
    Map<String, List<RowOp>> byTable = new LinkedHashMap<>();
    for (RowOp op : ops) {
      byTable.computeIfAbsent(op.shape().table().id(), id -> new ArrayList<>()).add(op);
    }
    List<PlannedStatement> out = new ArrayList<>();
    for (List<RowOp> ofTable : byTable.values()) {
      if (isFoldable(ofTable)) {
        planNet(ofTable, out);
      } else {
        planInOrder(ofTable, out);
      }
    }
    return out;
  }

  /** An update that lacks a column must not end up as the insert of a whole row. */
  private static boolean isFoldable(List<RowOp> ops) {
    Optional<RowShape> written =
        ops.stream().filter(StatementPlanner::isWriting).map(RowOp::shape).findFirst();
    return ops.stream().allMatch(op -> isFoldable(op.shape()) && !lacksColumns(op))
        && ops.stream()
            .filter(StatementPlanner::isWriting)
            .allMatch(op -> op.shape().hasSameColumns(written.orElseThrow()));
  }

  private static boolean isWriting(RowOp op) {
    return op.change().kind() != RowChange.Kind.DELETE;
  }

  private static boolean isFoldable(RowShape shape) {
    return shape.identity().isPresent()
        && shape.keys().stream().noneMatch(RowShape.KeyShape::isUnknown);
  }

  private void planNet(List<RowOp> ops, List<PlannedStatement> out) {
    NetRows net = new NetRows();
    ops.forEach(net::add);
    boolean safe = ops.stream().anyMatch(op -> op.safeMode() == SafeMode.ON);
    List<Row> deletes = new ArrayList<>();
    List<Net> updates = new ArrayList<>();
    List<Row> inserts = new ArrayList<>();
    for (Net row : net.rows()) {
      if (row.isUpdate() && !safe) {
        if (!NetRows.isSame(before(row), after(row))) {
          updates.add(row);
        }
      } else {
        if (row.before != null) {
          deletes.add(row.before);
        }
        if (row.after != null) {
          inserts.add(row.after);
        }
      }
    }
    Set<Net> colliding = updates.size() > 1 ? NetRows.colliding(updates) : Set.of();
    for (Net row : colliding) {
      deletes.add(before(row));
      inserts.add(after(row));
      updates.remove(row);
    }
    planDeletes(deletes, safe, out);
    planUpdates(updates, out);
    planInserts(inserts, safe ? Kind.REPLACE : Kind.INSERT, out);
  }

  private static Row before(Net net) {
    return Objects.requireNonNull(net.before);
  }

  private static Row after(Net net) {
    return Objects.requireNonNull(net.after);
  }

  private void planDeletes(List<Row> rows, boolean safe, List<PlannedStatement> out) {
    for (List<Row> group : byShape(rows)) {
      Row first = group.get(0);
      RowShape.KeyShape key = first.shape().identity().orElseThrow();
      StringBuilder text = new StringBuilder();
      int from = 0;
      for (int i = 0; i < group.size(); i++) {
        if (i == from) {
          text.append("DELETE FROM ").append(first.shape().table().quotedName()).append(" WHERE ");
        }
        appendKeyMatch(text, group.get(i), key, i == from);
        if (isFull(text, i - from + 1) || i == group.size() - 1) {
          text.append(key.indexes().length == 1 ? ")" : "");
          int count = i - from + 1;
          out.add(
              new PlannedStatement(
                  text.toString(),
                  Kind.DELETE,
                  SqlMode.STRICT,
                  safe ? PlannedStatement.ANY : count,
                  count,
                  group.get(from).op()));
          text.setLength(0);
          from = i + 1;
        }
      }
    }
  }

  private static void appendKeyMatch(
      StringBuilder text, Row row, RowShape.KeyShape key, boolean first) {
    if (key.indexes().length == 1) {
      text.append(first ? SqlText.name(key.key().parts().get(0).column()) + " IN (" : ",");
      RowSql.appendKeyValue(text, row.shape(), row.image(), key.indexes()[0]);
      return;
    }
    text.append(first ? "(" : " OR (");
    for (int i = 0; i < key.indexes().length; i++) {
      text.append(i == 0 ? "" : " AND ").append(SqlText.name(key.key().parts().get(i).column()));
      text.append('=');
      RowSql.appendKeyValue(text, row.shape(), row.image(), key.indexes()[i]);
    }
    text.append(')');
  }

  private void planUpdates(List<Net> updates, List<PlannedStatement> out) {
    List<Row> upserts = new ArrayList<>();
    for (Net net : updates) {
      RowShape shape = after(net).shape();
      boolean together = updates.size() > 1 && mostRows > 1;
      if (together && isUpsertable(shape) && !sql.isTurnedByValues(shape)) {
        upserts.add(after(net));
      } else {
        addUpdate(after(net).op(), before(net), after(net), out);
      }
    }
    planInserts(upserts, Kind.UPSERT, out);
  }

  /** The key that finds the row is the only one, and nothing the target needs is left out. */
  private static boolean isUpsertable(RowShape shape) {
    long targetColumns =
        shape.table().columns().stream()
            .filter(org.tidbbinlog.sinks.mysql.target.TargetColumn::isWritten)
            .count();
    return shape.keys().size() == 1 && shape.written().length == targetColumns;
  }

  private void planInserts(List<Row> rows, Kind kind, List<PlannedStatement> out) {
    for (List<Row> group : byShape(rows)) {
      List<Row> strict = new ArrayList<>();
      List<Row> lenient = new ArrayList<>();
      for (Row row : group) {
        (mode(row) == SqlMode.STRICT ? strict : lenient).add(row);
      }
      addInserts(strict, kind, SqlMode.STRICT, out);
      addInserts(lenient, kind, SqlMode.LENIENT, out);
    }
  }

  private void addInserts(List<Row> group, Kind kind, SqlMode mode, List<PlannedStatement> out) {
    StringBuilder text = new StringBuilder();
    int from = 0;
    for (int i = 0; i < group.size(); i++) {
      Row row = group.get(i);
      if (i == from) {
        RowSql.appendInsertHead(text, kind == Kind.REPLACE ? "REPLACE" : "INSERT", row.shape());
      } else {
        text.append(',');
      }
      RowSql.appendTuple(text, row.shape(), row.image());
      if (isFull(text, i - from + 1) || i == group.size() - 1) {
        int count = i - from + 1;
        if (kind == Kind.UPSERT) {
          RowSql.appendUpsertTail(text, row.shape());
        }
        int expected =
            switch (kind) {
              case REPLACE -> PlannedStatement.ANY;
              case UPSERT -> 2 * count;
              default -> count;
            };
        out.add(
            new PlannedStatement(
                text.toString(), kind, mode, expected, count, group.get(from).op()));
        text.setLength(0);
        from = i + 1;
      }
    }
  }

  /** One statement a change, in order; inserts that follow one another go together. */
  private void planInOrder(List<RowOp> ops, List<PlannedStatement> out) {
    List<Row> inserts = new ArrayList<>();
    for (RowOp op : ops) {
      if (op.change() instanceof RowChange.Insert insert) {
        inserts.add(new Row(op, op.shape(), insert.after()));
      } else {
        flushInserts(inserts, out);
        addSingle(op, out);
      }
    }
    flushInserts(inserts, out);
  }

  private void flushInserts(List<Row> inserts, List<PlannedStatement> out) {
    if (inserts.isEmpty()) {
      return;
    }
    boolean safe = inserts.get(0).op().safeMode() == SafeMode.ON;
    planInserts(inserts, safe ? Kind.REPLACE : Kind.INSERT, out);
    inserts.clear();
  }

  private void addSingle(RowOp op, List<PlannedStatement> out) {
    switch (op.change().kind()) {
      case DELETE -> addDelete(op, ((RowChange.Delete) op.change()).before(), out);
      case UPDATE -> {
        RowChange.Update update = (RowChange.Update) op.change();
        Row before = new Row(op, op.shape(), update.before());
        Row after = new Row(op, op.shape(), update.after());
        if (op.safeMode() == SafeMode.ON) {
          addDelete(op, update.before(), out);
          addInserts(List.of(after), Kind.REPLACE, replacingMode(op, after), out);
        } else if (!NetRows.isSame(before, after)) {
          addUpdate(op, before, after, out);
        }
      }
      case INSERT -> throw new IllegalArgumentException("inserts are gathered");
    }
  }

  private SqlMode replacingMode(RowOp op, Row after) {
    return lacksColumns(op) ? SqlMode.LENIENT : mode(after);
  }

  /** While a column is being dropped some updates lack it, and it may be NOT NULL. */
  private static boolean lacksColumns(RowOp op) {
    if (op.change().kind() != RowChange.Kind.UPDATE) {
      return false;
    }
    int has = ((RowChange.Update) op.change()).after().columns().size();
    List<ColumnInfo> all = op.change().table().info().columns();
    return has < all.size()
        && has < all.stream().filter(each -> each.isPublic() && !each.isGenerated()).count();
  }

  private void addDelete(RowOp op, RowImage before, List<PlannedStatement> out) {
    StringBuilder text = new StringBuilder();
    sql.appendDelete(text, op.shape(), before);
    int expected = op.safeMode() == SafeMode.ON ? PlannedStatement.ANY : 1;
    out.add(new PlannedStatement(text.toString(), Kind.DELETE, SqlMode.STRICT, expected, 1, op));
  }

  private void addUpdate(RowOp op, Row before, Row after, List<PlannedStatement> out) {
    StringBuilder text = new StringBuilder();
    if (before.shape().is(after.shape())) {
      sql.appendUpdate(text, after.shape(), before.image(), after.image());
      out.add(
          new PlannedStatement(
              text.toString(),
              Kind.UPDATE,
              mode(after.shape(), after.image()),
              1,
              1,
              op,
              before.op()));
    } else {
      // Folded from a delete and an insert, whose images have different columns.
      planDeletes(List.of(before), false, out);
      planInserts(List.of(after), Kind.INSERT, out);
    }
  }

  /**
   * The statements that put the one row in place whatever is there: an update missed it, or a row
   * with one of its keys is there already. For use before any other statement follows.
   */
  public List<PlannedStatement> planMending(PlannedStatement statement) {
    List<PlannedStatement> out = new ArrayList<>();
    RowOp op = statement.first();
    switch (op.change().kind()) {
      case INSERT -> addReplace(op, ((RowChange.Insert) op.change()).after(), out);
      case UPDATE -> {
        if (statement.kind() == Kind.UPDATE) {
          addOldRowsDelete(statement.firstBefore(), out);
        }
        addReplace(op, ((RowChange.Update) op.change()).after(), out);
      }
      case DELETE -> throw new IllegalArgumentException("a delete leaves nothing to mend");
    }
    return out;
  }

  private void addReplace(RowOp op, RowImage image, List<PlannedStatement> out) {
    Row after = new Row(op, op.shape(), image);
    addInserts(List.of(after), Kind.REPLACE, replacingMode(op, after), out);
  }

  /** The row that the update looked for: only there when the update met a duplicate. */
  private void addOldRowsDelete(RowOp before, List<PlannedStatement> out) {
    RowOp whatever = new RowOp(before.change(), before.shape(), before.commitTs(), SafeMode.ON);
    switch (before.change().kind()) {
      case DELETE -> addDelete(whatever, ((RowChange.Delete) before.change()).before(), out);
      case UPDATE -> addDelete(whatever, ((RowChange.Update) before.change()).before(), out);
      case INSERT -> throw new IllegalArgumentException("an insert tells no old row");
    }
  }

  private SqlMode mode(Row row) {
    return mode(row.shape(), row.image());
  }

  private SqlMode mode(RowShape shape, RowImage image) {
    return columns == Columns.PARTIAL ? SqlMode.LENIENT : RowSql.modeFor(shape, image);
  }

  private boolean isFull(StringBuilder text, int rows) {
    return text.length() >= softLimitChars || rows >= mostRows;
  }

  private static List<List<Row>> byShape(List<Row> rows) {
    IdentityHashMap<RowShape, List<Row>> groups = new IdentityHashMap<>();
    List<List<Row>> inOrder = new ArrayList<>();
    for (Row row : rows) {
      List<Row> group =
          groups.computeIfAbsent(
              row.shape(),
              shape -> {
                List<Row> made = new ArrayList<>();
                inOrder.add(made);
                return made;
              });
      group.add(row);
    }
    return inOrder;
  }
}
