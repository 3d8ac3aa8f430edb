package org.tidbbinlog.codec.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.tidbbinlog.codec.json.JsonText;

/**
 * A table, view or sequence as TiDB's JSON. Writing fills what a {@link TableInfo} does not hold
 * with the values of a plain table, under TiDB's names and in its order. Source: ddl-meta section
 * 8.
 */
public final class TableInfoJson {
  private static final int NEWEST_VERSION = 5;

  private TableInfoJson() {}

  public static TableInfo parse(byte[] json) {
    return parse(JsonText.parseObject(json, "TableInfo"));
  }

  public static TableInfo parse(JsonNode node) {
    return new TableInfo(
        JsonText.number(node, "id"),
        CiNameJson.parse(node, "name"),
        kind(node),
        temporary(JsonText.integer(node, "temp_table_type", 0)),
        JsonText.text(node, "charset"),
        JsonText.text(node, "collate"),
        JsonText.list(node, "cols", ColumnInfoJson::parse),
        JsonText.list(node, "index_info", IndexInfoJson::parse),
        SchemaState.of(JsonText.integer(node, "state", 0)),
        JsonText.flag(node, "pk_is_handle"),
        JsonText.flag(node, "is_common_handle"),
        PartitionInfoJson.parse(node.path("partition")),
        JsonText.text(node, "comment"));
  }

  private static TableInfo.Kind kind(JsonNode node) {
    if (JsonText.hasObject(node, "view")) {
      return TableInfo.Kind.VIEW;
    }
    return JsonText.hasObject(node, "sequence") ? TableInfo.Kind.SEQUENCE : TableInfo.Kind.BASE;
  }

  private static TableInfo.Temporary temporary(int number) {
    return switch (number) {
      case 1 -> TableInfo.Temporary.GLOBAL;
      case 2 -> TableInfo.Temporary.LOCAL;
      default -> TableInfo.Temporary.NONE;
    };
  }

  public static byte[] write(TableInfo table) {
    return JsonText.write(toJson(table));
  }

  public static ObjectNode toJson(TableInfo table) {
    ObjectNode node = JsonText.newObject().put("id", table.id());
    node.set("name", CiNameJson.write(table.name()));
    node.put("charset", table.charset()).put("collate", table.collate());
    writeColumnsAndIndexes(table, node);
    node.putNull("constraint_info").putNull("fk_info");
    node.put("state", table.state().number());
    node.put("pk_is_handle", table.pkIsHandle());
    node.put("is_common_handle", table.commonHandle());
    node.put("common_handle_version", table.commonHandle() ? 1 : 0);
    node.put("comment", table.comment());
    writeCounters(table, node);
    if (table.partition().equals(PartitionInfo.NONE)) {
      node.putNull("partition");
    } else {
      node.set("partition", PartitionInfoJson.write(table.partition()));
    }
    node.put("compression", "");
    writeKind(table, node);
    node.putNull("Lock").put("version", NEWEST_VERSION);
    node.putNull("tiflash_replica").put("is_columnar", false);
    node.put("temp_table_type", table.temporary().ordinal());
    node.put("cache_table_status", 0);
    node.putNull("policy_ref_info").putNull("stats_options");
    return node.putNull("exchange_partition_info").putNull("ttl_info");
  }

  private static void writeColumnsAndIndexes(TableInfo table, ObjectNode node) {
    if (table.columns().isEmpty()) {
      node.putNull("cols");
    } else {
      ArrayNode columns = node.putArray("cols");
      table.columns().forEach(column -> columns.add(ColumnInfoJson.write(column)));
    }
    if (table.indexes().isEmpty()) {
      node.putNull("index_info");
    } else {
      ArrayNode indexes = node.putArray("index_info");
      table.indexes().forEach(index -> indexes.add(IndexInfoJson.write(index)));
    }
  }

  private static void writeCounters(TableInfo table, ObjectNode node) {
    node.put("auto_inc_id", 0).put("auto_id_cache", 0).put("auto_rand_id", 0);
    node.put("max_col_id", table.columns().stream().mapToLong(ColumnInfo::id).max().orElse(0));
    node.put("max_idx_id", table.indexes().stream().mapToLong(IndexInfo::id).max().orElse(0));
    node.put("max_fk_id", 0).put("max_cst_id", 0).put("update_timestamp", 0);
    node.put("ShardRowIDBits", 0).put("max_shard_row_id_bits", 0);
    node.put("auto_random_bits", 0).put("auto_random_range_bits", 0);
    node.put("pre_split_regions", 0);
  }

  private static void writeKind(TableInfo table, ObjectNode node) {
    switch (table.kind()) {
      case BASE -> node.putNull("view").putNull("sequence");
      case VIEW -> {
        node.putObject("view").put("view_algorithm", 0).put("view_select", "");
        node.putNull("sequence");
      }
      case SEQUENCE -> {
        node.putNull("view");
        node.putObject("sequence").put("sequence_start", 1).put("sequence_increment", 1);
      }
    }
  }
}
