package org.tidbbinlog.sinks.mysql.rows;

import java.util.Arrays;
import java.util.List;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.drainer.sink.RowImage;
import org.tidbbinlog.sinks.mysql.target.Dialect;
import org.tidbbinlog.sinks.mysql.target.TargetColumn;

/** The pieces statements are made of. Source: mysql-translate section 3. */
final class RowSql {
  /** A long value that did not change is not sent again. */
  private static final int LONG_VALUE_BYTES = 256;

  private final Dialect dialect;

  RowSql(Dialect dialect) {
    this.dialect = dialect;
  }

  /** {@code INSERT INTO `db`.`t`(`a`,`b`) VALUES}. */
  static void appendInsertHead(StringBuilder out, String verb, RowShape shape) {
    out.append(verb).append(" INTO ").append(shape.table().quotedName()).append('(');
    String[] names = shape.names();
    for (int i = 0; i < names.length; i++) {
      out.append(i == 0 ? "" : ",").append(names[i]);
    }
    out.append(") VALUES");
  }

  static void appendTuple(StringBuilder out, RowShape shape, RowImage image) {
    out.append('(');
    int[] written = shape.written();
    for (int i = 0; i < written.length; i++) {
      if (i > 0) {
        out.append(',');
      }
      LiteralWriter.append(out, image.values().get(written[i]));
    }
    out.append(')');
  }

  static void appendUpsertTail(StringBuilder out, RowShape shape) {
    out.append(" ON DUPLICATE KEY UPDATE ");
    String[] names = shape.names();
    for (int i = 0; i < names.length; i++) {
      out.append(i == 0 ? "" : ",");
      out.append(names[i]).append("=VALUES(").append(names[i]).append(')');
    }
  }

  /** TiDB's {@code VALUES()} gives a BIT of eight bytes with its bytes in the wrong order. */
  boolean isTurnedByValues(RowShape shape) {
    return dialect.isTiDb()
        && Arrays.stream(shape.columns()).anyMatch(column -> column.bits() > 7 * Byte.SIZE);
  }

  void appendUpdate(StringBuilder out, RowShape shape, RowImage before, RowImage after) {
    out.append("UPDATE ").append(shape.table().quotedName()).append(" SET ");
    int[] written = shape.written();
    boolean first = true;
    for (int i = 0; i < written.length; i++) {
      ColumnValue value = after.values().get(written[i]);
      if (isLongAndSame(before.values().get(written[i]), value)) {
        continue;
      }
      out.append(first ? "" : ",").append(shape.names()[i]).append('=');
      LiteralWriter.append(out, value);
      first = false;
    }
    if (first) {
      out.append(shape.names()[0]).append('=').append(shape.names()[0]);
    }
    out.append(" WHERE ");
    appendWhere(out, shape, before);
    out.append(" LIMIT 1");
  }

  void appendDelete(StringBuilder out, RowShape shape, RowImage before) {
    out.append("DELETE FROM ").append(shape.table().quotedName()).append(" WHERE ");
    appendWhere(out, shape, before);
    out.append(" LIMIT 1");
  }

  /** The first unique key without NULL, else all columns. */
  private void appendWhere(StringBuilder out, RowShape shape, RowImage row) {
    for (RowShape.KeyShape key : shape.keys()) {
      if (isUsable(key, row)) {
        for (int i = 0; i < key.indexes().length; i++) {
          out.append(i == 0 ? "" : " AND ").append(SqlText.name(key.key().parts().get(i).column()));
          out.append('=');
          appendKeyValue(out, shape, row, key.indexes()[i]);
        }
        return;
      }
    }
    boolean first = true;
    for (int at : shape.compared()) {
      int index = shape.written()[at];
      out.append(first ? "" : " AND ");
      appendSame(out, shape.names()[at], row.values().get(index), shape.columns()[index]);
      first = false;
    }
  }

  /** What a key's column is compared with: a FLOAT equals only the double that it widens to. */
  static void appendKeyValue(StringBuilder out, RowShape shape, RowImage row, int index) {
    ColumnValue value = row.values().get(index);
    if (value instanceof ColumnValue.Float32 number
        && shape.columns()[index].dataType().equals("float")) {
      LiteralWriter.appendNumber(out, Double.toString(number.value()));
    } else {
      LiteralWriter.append(out, value);
    }
  }

  static boolean isUsable(RowShape.KeyShape key, RowImage row) {
    if (key.isUnknown()) {
      return false;
    }
    for (int i = 0; i < key.indexes().length; i++) {
      if (row.values().get(key.indexes()[i]).kind() == ColumnValue.Kind.NULL
          || key.prefixes()[i] >= 0) {
        return false;
      }
    }
    return true;
  }

  /** True for exactly the values that were written from {@code value}. */
  private void appendSame(StringBuilder out, String name, ColumnValue value, TargetColumn column) {
    switch (value.kind()) {
      case NULL -> out.append(name).append(" IS NULL");
      case FLOAT -> appendFloat(out, name, ((ColumnValue.Float32) value).value(), column);
      case DOUBLE -> appendDouble(out, name, ((ColumnValue.Float64) value).value(), column);
      case TEXT -> appendSameText(out, name, (ColumnValue.Text) value, column);
      case JSON -> appendSameJson(out, name, value);
      case ENUM, SET, BIT -> {
        out.append(name).append("+0=");
        LiteralWriter.append(out, value);
      }
      default -> {
        out.append(name).append('=');
        LiteralWriter.append(out, value);
      }
    }
  }

  /** A FLOAT is compared as what it widens to: no text of it names the same double. */
  private static void appendFloat(
      StringBuilder out, String name, float value, TargetColumn column) {
    if (column.dataType().equals("float")) {
      appendDouble(out, name, value, column);
    } else {
      out.append(name).append('=');
      LiteralWriter.appendNumber(out, Float.toString(value));
    }
  }

  private static void appendDouble(
      StringBuilder out, String name, double value, TargetColumn column) {
    if (column.scale() < 0) {
      out.append(name).append('=');
      LiteralWriter.appendNumber(out, Double.toString(value));
      return;
    }
    // FLOAT(m,d) and DOUBLE(m,d) were rounded by the target.
    double tolerance = 0.51 * Math.pow(10, -column.scale()) + Math.abs(value) * 1e-7;
    out.append("ABS(").append(name).append('-');
    out.append('(');
    LiteralWriter.appendNumber(out, Double.toString(value));
    out.append("))<=");
    LiteralWriter.appendNumber(out, Double.toString(tolerance));
  }

  /** Byte for byte, whatever the column's collation and character set take for equal. */
  private static void appendSameText(
      StringBuilder out, String name, ColumnValue.Text text, TargetColumn column) {
    out.append(name).append('=');
    LiteralWriter.append(out, text);
    if (!column.collation().isEmpty() && !column.collation().equals("binary")) {
      out.append(" AND CAST(CONVERT(").append(name).append(" USING utf8mb4) AS BINARY)=");
      SqlText.appendBytes(out, text.utf8());
    }
  }

  private void appendSameJson(StringBuilder out, String name, ColumnValue value) {
    StringBuilder literal = new StringBuilder();
    LiteralWriter.append(literal, value);
    if (!dialect.isMariaDb()) {
      out.append(name).append("=CAST(").append(literal).append(" AS JSON)");
    } else if (dialect.isAtLeast(10, 7)) {
      out.append('(').append(name).append('=').append(literal);
      out.append(" OR JSON_EQUALS(").append(name).append(',').append(literal).append("))");
    } else {
      out.append(name).append('=').append(literal);
    }
  }

  private static boolean isLongAndSame(ColumnValue before, ColumnValue after) {
    return switch (after.kind()) {
      case TEXT ->
          before instanceof ColumnValue.Text old
              && ((ColumnValue.Text) after).utf8().length > LONG_VALUE_BYTES
              && java.util.Arrays.equals(old.utf8(), ((ColumnValue.Text) after).utf8());
      case BINARY ->
          before instanceof ColumnValue.Binary old
              && ((ColumnValue.Binary) after).bytes().length > LONG_VALUE_BYTES
              && java.util.Arrays.equals(old.bytes(), ((ColumnValue.Binary) after).bytes());
      case JSON ->
          before instanceof ColumnValue.Json old
              && ((ColumnValue.Json) after).binary().length > LONG_VALUE_BYTES
              && java.util.Arrays.equals(old.binary(), ((ColumnValue.Json) after).binary());
      default -> false;
    };
  }

  static PlannedStatement.SqlMode modeFor(RowShape shape, RowImage image) {
    List<ColumnValue> values = image.values();
    for (int index : shape.written()) {
      if (LiteralWriter.needsLenientMode(values.get(index))) {
        return PlannedStatement.SqlMode.LENIENT;
      }
    }
    return PlannedStatement.SqlMode.STRICT;
  }
}
