package org.tidbbinlog.testkit.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.List;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.FieldType;
import org.tidbbinlog.codec.schema.MysqlType;
import org.tidbbinlog.codec.schema.SchemaState;

/** A column on the way to its {@link ColumnInfo}: a plain one, or another with things changed. */
public final class ColumnDraft {
  public static final FieldType INT =
      new FieldType(MysqlType.LONG, 0, 11, 0, "binary", "binary", List.of(), false);
  public static final FieldType BIGINT =
      new FieldType(MysqlType.LONGLONG, 0, 20, 0, "binary", "binary", List.of(), false);

  private static final int NEWEST_VERSION = 2;

  private final ColumnInfo start;
  private CiName name;
  private int offset;
  private FieldType type;
  private SchemaState state;
  private JsonNode originDefault;
  private JsonNode defaultValue;
  private String generatedExpr;
  private boolean generatedStored;

  private ColumnDraft(ColumnInfo start) {
    this.start = start;
    this.name = start.name();
    this.offset = start.offset();
    this.type = start.type();
    this.state = start.state();
    this.originDefault = start.originDefault();
    this.defaultValue = start.defaultValue();
    this.generatedExpr = start.generatedExpr();
    this.generatedStored = start.generatedStored();
  }

  /** A column as another one is, until it is said otherwise. */
  public static ColumnDraft of(ColumnInfo column) {
    return new ColumnDraft(column);
  }

  /** A public column without a default at the first place. */
  public static ColumnDraft plain(long id, String name, FieldType type) {
    return new ColumnDraft(
        new ColumnInfo(
            id,
            CiName.of(name),
            0,
            type,
            SchemaState.PUBLIC,
            NullNode.getInstance(),
            "",
            NullNode.getInstance(),
            "",
            false,
            false,
            "",
            NEWEST_VERSION));
  }

  public ColumnDraft name(String other) {
    name = CiName.of(other);
    return this;
  }

  public ColumnDraft at(int place) {
    offset = place;
    return this;
  }

  public ColumnDraft type(FieldType other) {
    type = other;
    return this;
  }

  public ColumnDraft state(SchemaState other) {
    state = other;
    return this;
  }

  /** What rows have that were there before the column. */
  public ColumnDraft originDefault(JsonNode scalar) {
    originDefault = scalar;
    return this;
  }

  public ColumnDraft defaultValue(JsonNode scalar) {
    defaultValue = scalar;
    return this;
  }

  /** Virtual, unless {@link #stored}. */
  public ColumnDraft generated(String expression) {
    generatedExpr = expression;
    return this;
  }

  public ColumnDraft stored() {
    generatedStored = true;
    return this;
  }

  public ColumnInfo done() {
    return new ColumnInfo(
        start.id(),
        name,
        offset,
        type,
        state,
        originDefault,
        start.originDefaultBit(),
        defaultValue,
        generatedExpr,
        generatedStored,
        start.hidden(),
        start.comment(),
        start.version());
  }
}
