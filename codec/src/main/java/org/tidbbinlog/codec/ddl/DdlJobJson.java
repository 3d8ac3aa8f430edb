package org.tidbbinlog.codec.ddl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.tidbbinlog.codec.json.JsonText;
import org.tidbbinlog.codec.schema.DbInfo;
import org.tidbbinlog.codec.schema.DbInfoJson;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.schema.TableInfoJson;

/** A DDL job as the JSON of TiDB's history. Source: ddl-meta section 2. */
public final class DdlJobJson {
  private DdlJobJson() {}

  public static DdlJob parse(byte[] json) {
    return parse(JsonText.parseObject(json, "DDL job"));
  }

  public static DdlJob parse(JsonNode node) {
    JsonNode binlog = node.path("binlog");
    int type = JsonText.integer(node, "type", 0);
    JsonNode args = node.path("raw_args");
    return new DdlJob(
        JsonText.number(node, "id"),
        DdlAction.of(type),
        type,
        JsonText.number(node, "schema_id"),
        JsonText.number(node, "table_id"),
        JsonText.text(node, "schema_name"),
        JsonText.text(node, "table_name"),
        JobState.of(JsonText.integer(node, "state", 0)),
        SchemaState.of(JsonText.integer(node, "schema_state", 0)),
        args.isMissingNode() ? NullNode.getInstance() : args,
        JsonText.text(node, "query"),
        JsonText.number(binlog, "SchemaVersion"),
        JsonText.hasObject(binlog, "DBInfo") ? DbInfoJson.parse(binlog.path("DBInfo")) : null,
        JsonText.hasObject(binlog, "TableInfo")
            ? TableInfoJson.parse(binlog.path("TableInfo"))
            : null,
        JsonText.list(binlog, "MultipleTableInfos", TableInfoJson::parse),
        JsonText.number(binlog, "FinishedTS"),
        SessionZone.parse(node));
  }

  public static byte[] write(DdlJob job) {
    return JsonText.write(toJson(job));
  }

  public static ObjectNode toJson(DdlJob job) {
    ObjectNode node = JsonText.newObject().put("id", job.id());
    node.put("type", job.actionNumber());
    node.put("schema_id", job.schemaId()).put("table_id", job.tableId());
    node.put("schema_name", job.schemaName()).put("table_name", job.tableName());
    node.put("state", job.state().ordinal());
    node.putNull("warning").putNull("err").put("err_count", 0).put("row_count", 0);
    node.set("raw_args", job.rawArgs());
    node.put("schema_state", job.schemaState().number());
    node.put("snapshot_ver", 0).put("real_start_ts", 0).put("start_ts", 0);
    node.put("dependency_id", 0).put("query", job.query());
    node.set("binlog", binlog(job));
    SessionZone zone = job.zone();
    node.put("version", 1);
    node.set("reorg_meta", zone == null ? NullNode.getInstance() : zone.toReorgMeta());
    node.putNull("multi_schema_info");
    return node.put("priority", 0).put("seq_num", 0);
  }

  private static ObjectNode binlog(DdlJob job) {
    ObjectNode node = JsonText.newObject().put("SchemaVersion", job.schemaVersion());
    DbInfo db = job.dbInfo();
    node.set("DBInfo", db == null ? NullNode.getInstance() : DbInfoJson.toJson(db));
    TableInfo table = job.tableInfo();
    node.set("TableInfo", table == null ? NullNode.getInstance() : TableInfoJson.toJson(table));
    node.put("FinishedTS", job.finishedTs());
    if (job.multipleTables().isEmpty()) {
      return node.putNull("MultipleTableInfos");
    }
    ArrayNode tables = node.putArray("MultipleTableInfos");
    job.multipleTables().forEach(each -> tables.add(TableInfoJson.toJson(each)));
    return node;
  }
}
