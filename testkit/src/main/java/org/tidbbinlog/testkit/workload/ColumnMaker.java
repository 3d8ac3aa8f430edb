package org.tidbbinlog.testkit.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Map;
import java.util.Optional;
import org.tidbbinlog.codec.row.ValueParser;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.ColumnFlag;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.FieldType;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.value.ColumnValue;

/** Columns as TiDB's JSON describes them and as its SQL says them. */
final class ColumnMaker {
  private static final int NEWEST_VERSION = 2;

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
    return column(id, name, sort.type(), NullNode.getInstance(), NullNode.getInstance(), "");
  }

  static ColumnInfo notNull(long id, String name, ColumnSort sort) {
    FieldType type =
        ColumnSort.withFlags(sort.type(), ColumnSort.Flags.NOT_NULL | ColumnSort.Flags.NO_DEFAULT);
    return column(id, name, type, NullNode.getInstance(), NullNode.getInstance(), "");
  }

  static ColumnInfo primary(long id, String name, ColumnSort sort) {
    FieldType type =
        ColumnSort.withFlags(
            sort.type(),
            ColumnSort.Flags.NOT_NULL | ColumnSort.Flags.PRIMARY | ColumnSort.Flags.NO_DEFAULT);
    return column(id, name, type, NullNode.getInstance(), NullNode.getInstance(), "");
  }

  /** With a constant default and NOT NULL. */
  static ColumnInfo withDefault(long id, String name, ColumnSort sort, String text) {
    FieldType type = ColumnSort.withFlags(sort.type(), ColumnSort.Flags.NOT_NULL);
    return column(id, name, type, NullNode.getInstance(), TextNode.valueOf(text), "");
  }

  static ColumnInfo generated(long id, String name, String expr, boolean stored) {
    ColumnInfo plain =
        column(
            id,
            name,
            ColumnSort.BIGINT.type(),
            NullNode.getInstance(),
            NullNode.getInstance(),
            expr);
    return stored ? stored(plain) : plain;
  }

  private static ColumnInfo stored(ColumnInfo c) {
    return new ColumnInfo(
        c.id(),
        c.name(),
        c.offset(),
        c.type(),
        c.state(),
        c.originDefault(),
        c.originDefaultBit(),
        c.defaultValue(),
        c.generatedExpr(),
        true,
        c.hidden(),
        c.comment(),
        c.version());
  }

  private static ColumnInfo column(
      long id, String name, FieldType type, JsonNode origin, JsonNode defaultValue, String expr) {
    return new ColumnInfo(
        id,
        CiName.of(name),
        0,
        type,
        SchemaState.PUBLIC,
        origin,
        "",
        defaultValue,
        expr,
        false,
        false,
        "",
        NEWEST_VERSION);
  }

  static ColumnInfo at(ColumnInfo c, int offset, SchemaState state) {
    return new ColumnInfo(
        c.id(),
        c.name(),
        offset,
        c.type(),
        state,
        c.originDefault(),
        c.originDefaultBit(),
        c.defaultValue(),
        c.generatedExpr(),
        c.generatedStored(),
        c.hidden(),
        c.comment(),
        c.version());
  }

  /** As an added column keeps it: rows that were there before have its default. */
  static ColumnInfo withOrigin(ColumnInfo c) {
    return new ColumnInfo(
        c.id(),
        c.name(),
        c.offset(),
        c.type(),
        c.state(),
        c.defaultValue(),
        c.originDefaultBit(),
        c.defaultValue(),
        c.generatedExpr(),
        c.generatedStored(),
        c.hidden(),
        c.comment(),
        c.version());
  }

  static ColumnInfo withDefaultText(ColumnInfo c, String text) {
    return new ColumnInfo(
        c.id(),
        c.name(),
        c.offset(),
        c.type(),
        c.state(),
        c.originDefault(),
        c.originDefaultBit(),
        TextNode.valueOf(text),
        c.generatedExpr(),
        c.generatedStored(),
        c.hidden(),
        c.comment(),
        c.version());
  }

  static ColumnInfo withName(ColumnInfo c, String name) {
    return new ColumnInfo(
        c.id(),
        CiName.of(name),
        c.offset(),
        c.type(),
        c.state(),
        c.originDefault(),
        c.originDefaultBit(),
        c.defaultValue(),
        c.generatedExpr(),
        c.generatedStored(),
        c.hidden(),
        c.comment(),
        c.version());
  }

  static ColumnInfo withType(ColumnInfo c, FieldType type) {
    return new ColumnInfo(
        c.id(),
        c.name(),
        c.offset(),
        type,
        c.state(),
        c.originDefault(),
        c.originDefaultBit(),
        c.defaultValue(),
        c.generatedExpr(),
        c.generatedStored(),
        c.hidden(),
        c.comment(),
        c.version());
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
