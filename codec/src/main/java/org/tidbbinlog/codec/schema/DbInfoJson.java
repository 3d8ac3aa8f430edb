package org.tidbbinlog.codec.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.tidbbinlog.codec.json.JsonText;

/** A database as TiDB's JSON. Source: ddl-meta section 8. */
public final class DbInfoJson {
  private DbInfoJson() {}

  public static DbInfo parse(byte[] json) {
    return parse(JsonText.parseObject(json, "DBInfo"));
  }

  public static DbInfo parse(JsonNode node) {
    return new DbInfo(
        JsonText.number(node, "id"),
        CiNameJson.parse(node, "db_name"),
        JsonText.text(node, "charset"),
        JsonText.text(node, "collate"),
        SchemaState.of(JsonText.integer(node, "state", 0)));
  }

  public static byte[] write(DbInfo db) {
    return JsonText.write(toJson(db));
  }

  public static ObjectNode toJson(DbInfo db) {
    ObjectNode node = JsonText.newObject().put("id", db.id());
    node.set("db_name", CiNameJson.write(db.name()));
    node.put("charset", db.charset());
    node.put("collate", db.collate());
    node.put("state", db.state().number());
    return node.putNull("policy_ref_info");
  }
}
