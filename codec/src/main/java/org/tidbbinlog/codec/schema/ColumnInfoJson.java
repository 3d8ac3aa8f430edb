package org.tidbbinlog.codec.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.tidbbinlog.codec.json.JsonText;

/** A column and its type as TiDB's JSON. Source: ddl-meta section 8. */
final class ColumnInfoJson {
  private ColumnInfoJson() {}

  static ColumnInfo parse(JsonNode node) {
    return new ColumnInfo(
        JsonText.number(node, "id"),
        CiNameJson.parse(node, "name"),
        JsonText.integer(node, "offset", 0),
        fieldType(node.path("type")),
        SchemaState.of(JsonText.integer(node, "state", 0)),
        scalar(node.path("origin_default")),
        JsonText.text(node, "origin_default_bit"),
        scalar(node.path("default")),
        JsonText.text(node, "generated_expr_string"),
        JsonText.flag(node, "generated_stored"),
        JsonText.flag(node, "hidden"),
        JsonText.text(node, "comment"),
        JsonText.integer(node, "version", 0));
  }

  private static FieldType fieldType(JsonNode type) {
    return new FieldType(
        JsonText.integer(type, "Tp", 0),
        JsonText.number(type, "Flag"),
        JsonText.integer(type, "Flen", -1),
        JsonText.integer(type, "Decimal", -1),
        JsonText.text(type, "Charset"),
        JsonText.text(type, "Collate"),
        JsonText.list(type, "Elems", JsonNode::asText),
        JsonText.flag(type, "Array"));
  }

  private static JsonNode scalar(JsonNode value) {
    return value.isMissingNode() ? NullNode.getInstance() : value;
  }

  static ObjectNode write(ColumnInfo column) {
    ObjectNode node = JsonText.newObject().put("id", column.id());
    node.set("name", CiNameJson.write(column.name()));
    node.put("offset", column.offset());
    node.set("origin_default", column.originDefault());
    node.put(
        "origin_default_bit",
        column.originDefaultBit().isEmpty() ? null : column.originDefaultBit());
    node.set("default", column.defaultValue());
    node.putNull("default_bit");
    node.put("default_is_expr", false);
    node.put("generated_expr_string", column.generatedExpr());
    node.put("generated_stored", column.generatedStored());
    node.putNull("dependences");
    node.set("type", write(column.type()));
    node.put("state", column.state().number());
    node.put("comment", column.comment());
    node.put("hidden", column.hidden());
    node.putNull("change_state_info");
    return node.put("version", column.version());
  }

  private static ObjectNode write(FieldType type) {
    ObjectNode node = JsonText.newObject().put("Tp", type.tp());
    node.put("Flag", type.flag());
    node.put("Flen", type.flen());
    node.put("Decimal", type.decimal());
    node.put("Charset", type.charset());
    node.put("Collate", type.collate());
    if (type.elems().isEmpty()) {
      node.putNull("Elems");
    } else {
      ArrayNode elems = node.putArray("Elems");
      type.elems().forEach(elems::add);
    }
    node.putNull("ElemsIsBinaryLit");
    return node.put("Array", type.array());
  }
}
