package org.tidbbinlog.testkit.workload;

import com.fasterxml.jackson.databind.node.NullNode;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.testkit.schema.ColumnDraft;

/**
 * Makes up DDL that changes no row and no column's values, and DDL that only a TiDB knows: of some
 * a target hears, of others nothing. Source: ddl-meta sections 3 and 4.
 */
final class OptionDdl {
  private final RandomGenerator random;
  private final SchemaModel schema;
  private int names;

  /** One clause of ALTER TABLE. */
  private record Option(DdlAction action, String words) {}

  private static final List<Option> OPTIONS =
      List.of(
          new Option(
              DdlAction.MODIFY_TABLE_CHARSET,
              "DEFAULT CHARACTER SET = UTF8MB4 DEFAULT COLLATE = UTF8MB4_BIN"),
          new Option(DdlAction.REBASE_AUTO_ID, "AUTO_INCREMENT = 50000"),
          new Option(
              DdlAction.REBASE_AUTO_RANDOM_BASE, "/*T![auto_rand_base] AUTO_RANDOM_BASE = 900 */"),
          new Option(DdlAction.SHARD_ROW_ID, "/*T! SHARD_ROW_ID_BITS = 4 */"),
          new Option(DdlAction.MODIFY_AUTO_ID_CACHE, "/*T![auto_id_cache] AUTO_ID_CACHE = 100 */"),
          new Option(DdlAction.SET_TIFLASH_REPLICA, "SET TIFLASH REPLICA 1"),
          new Option(DdlAction.ALTER_STATS_OPTIONS, "STATS_OPTIONS='{\"SAMPLE_NUM\": 10000}'"),
          new Option(DdlAction.REMOVE_TTL, "REMOVE TTL"),
          new Option(DdlAction.ALTER_TTL_INFO, "/*T![ttl] TTL_ENABLE = 'OFF' */"),
          new Option(DdlAction.ALTER_PARTITION_ATTRIBUTES, "PARTITION `p0` ATTRIBUTES='x=y'"),
          new Option(
              DdlAction.ALTER_PARTITION_PLACEMENT, "PARTITION `p0` PLACEMENT POLICY = `near`"),
          new Option(DdlAction.ALTER_TABLE_ATTRIBUTES, "ATTRIBUTES='merge_option=deny'"),
          new Option(
              DdlAction.ALTER_TABLE_PLACEMENT, "/*T![placement] PLACEMENT POLICY = `near` */"));

  OptionDdl(RandomGenerator random, SchemaModel schema) {
    this.random = random;
    this.schema = schema;
  }

  Planned option(ModelTable table) {
    Option option = OPTIONS.get(random.nextInt(OPTIONS.size()));
    return alter(option.action, table, option.words);
  }

  Optional<Planned> dropDefault(ModelTable table) {
    List<Integer> places =
        ColumnDdl.ordinary(table).stream()
            .filter(place -> !table.info().columns().get(place).defaultValue().isNull())
            .toList();
    if (places.isEmpty()) {
      return Optional.empty();
    }
    int place = places.get(random.nextInt(places.size()));
    ColumnInfo column = table.info().columns().get(place);
    return Optional.of(
        ts -> {
          ColumnInfo bare = ColumnDraft.of(column).defaultValue(NullNode.getInstance()).done();
          table.change(TableEdit.replaceColumn(table.info(), place, bare));
          String words = "ALTER COLUMN " + Sql.name(column.name().original()) + " DROP DEFAULT";
          return alter(DdlAction.SET_DEFAULT_VALUE, table, words).at(ts);
        });
  }

  Planned databaseCharset(ModelDatabase database) {
    return ts -> {
      schema.advance(1);
      String sql =
          "ALTER DATABASE %s CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin;"
              .formatted(Sql.name(database.name()));
      return new JobDraft(schema, DdlAction.MODIFY_SCHEMA_CHARSET, sql)
          .of(database)
          .db(database.info(SchemaState.PUBLIC))
          .write(SchemaModel.put(database))
          .done(ts);
    };
  }

  /** Of policies, resource groups and locks a target hears nothing. */
  Planned ofTidbAlone(ModelTable table) {
    String policy = "policy_" + ++names;
    return switch (random.nextInt(9)) {
      case 0 ->
          bare(
              DdlAction.CREATE_PLACEMENT_POLICY,
              "CREATE PLACEMENT POLICY `%s` FOLLOWERS=4;".formatted(policy));
      case 1 -> bare(DdlAction.DROP_PLACEMENT_POLICY, "DROP PLACEMENT POLICY IF EXISTS `near`;");
      case 2 ->
          bare(
              DdlAction.CREATE_RESOURCE_GROUP,
              "CREATE RESOURCE GROUP `%s` RU_PER_SEC=100;".formatted(policy));
      case 3 ->
          bare(DdlAction.ALTER_PLACEMENT_POLICY, "ALTER PLACEMENT POLICY `near` FOLLOWERS=2;");
      case 4 -> bare(DdlAction.ALTER_RESOURCE_GROUP, "ALTER RESOURCE GROUP `rg` RU_PER_SEC=200;");
      case 5 -> bare(DdlAction.DROP_RESOURCE_GROUP, "DROP RESOURCE GROUP IF EXISTS `rg`;");
      case 6 ->
          bare(
              DdlAction.MODIFY_SCHEMA_DEFAULT_PLACEMENT,
              "ALTER DATABASE "
                  + Sql.name(table.database().name())
                  + " PLACEMENT POLICY = `near`;");
      case 7 -> bare(DdlAction.LOCK_TABLE, "LOCK TABLES " + Sql.name(table.name()) + " READ;");
      default -> bare(DdlAction.UNLOCK_TABLE, "UNLOCK TABLES;");
    };
  }

  private Planned bare(DdlAction action, String sql) {
    return ts -> {
      schema.advance(1);
      return new JobDraft(schema, action, sql).done(ts);
    };
  }

  /** A rule that all rows keep, turned off and gone again. */
  List<Planned> check(ModelTable table, Planned rows) {
    String name = Sql.name("check_" + ++names);
    String column = Sql.name(table.info().columns().get(0).name().original());
    return List.of(
        alter(
            DdlAction.ADD_CHECK_CONSTRAINT,
            table,
            "ADD CONSTRAINT %s CHECK(%s IS NULL OR %s = %s) ENFORCED"
                .formatted(name, column, column, column)),
        rows,
        alter(
            DdlAction.ALTER_CHECK_CONSTRAINT,
            table,
            (random.nextBoolean() ? "ALTER CHECK " : "ALTER CONSTRAINT ")
                + name
                + (random.nextBoolean() ? " NOT ENFORCED" : " ENFORCED")),
        rows,
        alter(
            DdlAction.DROP_CHECK_CONSTRAINT,
            table,
            (random.nextBoolean() ? "DROP CHECK " : "DROP CONSTRAINT ") + name));
  }

  private Planned alter(DdlAction action, ModelTable table, String words) {
    return ts -> {
      schema.advance(1);
      String name =
          random.nextBoolean()
              ? Sql.name(table.name())
              : Sql.name(table.database().name(), table.name());
      return new JobDraft(schema, action, "ALTER TABLE " + name + " " + words + ";")
          .of(table)
          .table(table.info())
          .write(SchemaModel.put(table))
          .done(ts);
    };
  }
}
