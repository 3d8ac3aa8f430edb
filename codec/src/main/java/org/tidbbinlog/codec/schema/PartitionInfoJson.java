package org.tidbbinlog.codec.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.tidbbinlog.codec.json.JsonText;

/** Partitions of a table as TiDB's JSON. Source: ddl-meta section 8. */
final class PartitionInfoJson {
  private PartitionInfoJson() {}

  static PartitionInfo parse(JsonNode node) {
    if (!node.isObject()) {
      return PartitionInfo.NONE;
    }
    return new PartitionInfo(
        JsonText.flag(node, "enable"),
        JsonText.integer(node, "type", 0),
        JsonText.text(node, "expr"),
        JsonText.list(node, "definitions", PartitionInfoJson::definition),
        JsonText.number(node, "new_table_id"));
  }

  private static PartitionInfo.Definition definition(JsonNode node) {
    return new PartitionInfo.Definition(
        JsonText.number(node, "id"),
        CiNameJson.parse(node, "name"),
        JsonText.list(node, "less_than", JsonNode::asText));
  }

  static ObjectNode write(PartitionInfo partition) {
    ObjectNode node = JsonText.newObject().put("type", partition.type());
    node.put("expr", partition.expr());
    node.putNull("columns");
    node.put("enable", partition.enabled());
    ArrayNode definitions = node.putArray("definitions");
    for (PartitionInfo.Definition definition : partition.definitions()) {
      ObjectNode each = definitions.addObject().put("id", definition.id());
      each.set("name", CiNameJson.write(definition.name()));
      ArrayNode bounds = JsonText.newObject().putArray("less_than");
      definition.lessThan().forEach(bounds::add);
      each.set("less_than", bounds.isEmpty() ? NullNode.getInstance() : bounds);
      each.putNull("in_values").putNull("policy_ref_info");
    }
    node.putNull("adding_definitions").putNull("dropping_definitions").putNull("states");
    node.put("num", partition.definitions().size());
    node.put("ddl_state", 0);
    return node.put("new_table_id", partition.newTableId());
  }
}
