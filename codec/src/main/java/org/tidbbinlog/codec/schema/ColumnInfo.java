package org.tidbbinlog.codec.schema;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A column. Source: ddl-meta section 8.
 *
 * @param offset position in the table
 * @param originDefault value of rows written before the column was added: a JSON scalar, or JSON
 *     null
 * @param originDefaultBit base64 of a BIT default's big-endian bytes, empty when absent
 * @param defaultValue value for new rows: a JSON scalar, or JSON null
 * @param generatedExpr empty for an ordinary column
 * @param version 0 keeps TIMESTAMP defaults in the server's zone; 1 and 2 in UTC
 */
public record ColumnInfo(
    long id,
    CiName name,
    int offset,
    FieldType type,
    SchemaState state,
    JsonNode originDefault,
    String originDefaultBit,
    JsonNode defaultValue,
    String generatedExpr,
    boolean generatedStored,
    boolean hidden,
    String comment,
    int version) {

  public boolean isGenerated() {
    return !generatedExpr.isEmpty();
  }

  public boolean isVirtualGenerated() {
    return isGenerated() && !generatedStored;
  }

  public boolean isPublic() {
    return state == SchemaState.PUBLIC;
  }
}
