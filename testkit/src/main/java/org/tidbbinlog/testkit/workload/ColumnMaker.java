package org.tidbbinlog.testkit.workload;

import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Map;
import java.util.Optional;
import org.tidbbinlog.codec.row.ValueParser;
import org.tidbbinlog.codec.schema.ColumnFlag;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.FieldType;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.testkit.schema.ColumnDraft;

/** Columns as TiDB's JSON describes them and as its SQL says them. */
final class ColumnMaker {
  /** Sorts that may have a constant default, with its text. */
  private static final Map<ColumnSort, String> DEFAULTS =
      Map.of(
          ColumnSort.INT, "42",
          ColumnSort.BIGINT, "-7",
          ColumnSort.INT_UNSIGNED, "4294967295",
          ColumnSort.DECIMAL, "1.500000",
          ColumnSort.DOUBLE, "2.5",
          ColumnSort.VARCHAR, "later",
          ColumnSort.CHAR, "it''s",
          ColumnSort.DATETIME, "2020-01-01 00:00:00",
          ColumnSort.ENUM, "y");

  private ColumnMaker() {}

  static Optional<String> defaultText(ColumnSort sort) {
    return Optional.ofNullable(DEFAULTS.get(sort)).map(text -> text.replace("''", "'"));
  }

  static ColumnInfo plain(long id, String name, ColumnSort sort) {
    return ColumnDraft.plain(id, name, sort.type()).done();
  }

  static ColumnInfo notNull(long id, String name, ColumnSort sort) {
    FieldType type =
        ColumnSort.withFlags(sort.type(), ColumnSort.Flags.NOT_NULL | ColumnSort.Flags.NO_DEFAULT);
    return ColumnDraft.plain(id, name, type).done();
  }

  static ColumnInfo primary(long id, String name, ColumnSort sort) {
    FieldType type =
        ColumnSort.withFlags(
            sort.type(),
            ColumnSort.Flags.NOT_NULL | ColumnSort.Flags.PRIMARY | ColumnSort.Flags.NO_DEFAULT);
    return ColumnDraft.plain(id, name, type).done();
  }

  /** With a constant default and NOT NULL. */
  static ColumnInfo withDefault(long id, String name, ColumnSort sort, String text) {
    FieldType type = ColumnSort.withFlags(sort.type(), ColumnSort.Flags.NOT_NULL);
    return ColumnDraft.plain(id, name, type).defaultValue(TextNode.valueOf(text)).done();
  }

  static ColumnInfo generated(long id, String name, String expr, boolean stored) {
    ColumnDraft draft = ColumnDraft.plain(id, name, ColumnSort.BIGINT.type()).generated(expr);
    return stored ? draft.stored().done() : draft.done();
  }

  static ColumnInfo at(ColumnInfo column, int offset, SchemaState state) {
    return ColumnDraft.of(column).at(offset).state(state).done();
  }

  /** As an added column keeps it: rows that were there before have its default. */
  static ColumnInfo withOrigin(ColumnInfo column) {
    return ColumnDraft.of(column).originDefault(column.defaultValue()).done();
  }

  static ColumnInfo withDefaultText(ColumnInfo column, String text) {
    return ColumnDraft.of(column).defaultValue(TextNode.valueOf(text)).done();
  }

  static ColumnInfo withName(ColumnInfo column, String name) {
    return ColumnDraft.of(column).name(name).done();
  }

  static ColumnInfo withType(ColumnInfo column, FieldType type) {
    return ColumnDraft.of(column).type(type).done();
  }

  /** The value that rows get which were there before the column. */
  static ColumnValue valueOfOldRows(ColumnInfo column) {
    return column.originDefault().isNull()
        ? ColumnValue.Null.NULL
        : ValueParser.parse(column.type(), column.originDefault().asText());
  }

  /** The definition as TiDB prints it. */
  static String sql(ColumnInfo column) {
    StringBuilder sql = new StringBuilder().append(Sql.name(column.name().original())).append(' ');
    if (column.isGenerated()) {
      return sql.append("BIGINT GENERATED ALWAYS AS(")
          .append(column.generatedExpr())
          .append(column.generatedStored() ? ") STORED" : ") VIRTUAL")
          .toString();
    }
    ColumnSort sort = ColumnSort.of(column.type());
    sql.append(sort == ColumnSort.VARCHAR ? "VARCHAR(" + column.type().flen() + ")" : sort.sql());
    if (column.type().has(ColumnFlag.NOT_NULL)) {
      sql.append(" NOT NULL");
    }
    if (!column.defaultValue().isNull()) {
      sql.append(" DEFAULT ").append(literal(column.type(), column.defaultValue().asText()));
    }
    return sql.toString();
  }

  static String literal(FieldType type, String text) {
    return switch (ColumnSort.of(type)) {
      case INT, BIGINT, INT_UNSIGNED, DECIMAL, DOUBLE -> text;
      default -> "_UTF8MB4" + Sql.string(text);
    };
  }
}
