package org.tidbbinlog.codec.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.tidbbinlog.codec.json.JsonText;

/** An index as TiDB's JSON. Source: ddl-meta section 8. */
final class IndexInfoJson {
  private IndexInfoJson() {}

  static IndexInfo parse(JsonNode node) {
    return new IndexInfo(
        JsonText.number(node, "id"),
        CiNameJson.parse(node, "idx_name"),
        JsonText.list(node, "idx_cols", IndexInfoJson::column),
        SchemaState.of(JsonText.integer(node, "state", 0)),
        JsonText.flag(node, "is_unique"),
        JsonText.flag(node, "is_primary"));
  }

  private static IndexInfo.IndexColumn column(JsonNode node) {
    return new IndexInfo.IndexColumn(
        CiNameJson.parse(node, "name"),
        JsonText.integer(node, "offset", 0),
        JsonText.integer(node, "length", IndexInfo.WHOLE_COLUMN));
  }

  static ObjectNode write(IndexInfo index) {
    ObjectNode node = JsonText.newObject().put("id", index.id());
    node.set("idx_name", CiNameJson.write(index.name()));
    node.set("tbl_name", CiNameJson.write(CiName.of("")));
    ArrayNode columns = node.putArray("idx_cols");
    for (IndexInfo.IndexColumn column : index.columns()) {
      ObjectNode each = columns.addObject();
      each.set("name", CiNameJson.write(column.name()));
      each.put("offset", column.offset()).put("length", column.length());
    }
    node.put("state", index.state().number());
    node.put("backfill_state", 0);
    node.put("comment", "");
    node.put("index_type", 1);
    node.put("is_unique", index.unique());
    node.put("is_primary", index.primary());
    node.put("is_invisible", false);
    node.put("is_global", false);
    return node.put("mv_index", false);
  }
}
