package org.tidbbinlog.testkit.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.schema.IndexInfo;

/** Makes up DDL that lays rows into other partitions. Source: ddl-meta section 5. */
final class RepartitionDdl {
  private static final int MOST_HASH_PARTS = 5;

  private final RandomGenerator random;
  private final SchemaModel schema;

  RepartitionDdl(RandomGenerator random, SchemaModel schema) {
    this.random = random;
    this.schema = schema;
  }

  /** A range is cut in two, or two become one; the table keeps its id. */
  Optional<Planned> reorganize(ModelTable table) {
    if (table.partitions().method() != Partitions.Method.RANGE) {
      return Optional.empty();
    }
    List<Partitions.Part> parts = new ArrayList<>(table.partitions().parts());
    int at = random.nextInt(parts.size());
    long below = at == 0 ? parts.get(0).lessThan() - TableMaker.RANGE_WIDTH : bound(parts, at - 1);
    long width = bound(parts, at) - below;
    String words;
    if (width >= 2 && random.nextBoolean()) {
      Partitions.Part old = parts.remove(at);
      Partitions.Part low = part(below + width / 2);
      Partitions.Part high = part(old.lessThan());
      parts.addAll(at, List.of(low, high));
      words =
          "REORGANIZE PARTITION %s INTO (%s,%s)"
              .formatted(
                  Sql.name(old.name()),
                  TableMaker.partitionWords(low),
                  TableMaker.partitionWords(high));
    } else if (at > 0) {
      Partitions.Part high = parts.remove(at);
      Partitions.Part low = parts.remove(at - 1);
      Partitions.Part both = part(high.lessThan());
      parts.add(at - 1, both);
      words =
          "REORGANIZE PARTITION %s,%s INTO (%s)"
              .formatted(
                  Sql.name(low.name()), Sql.name(high.name()), TableMaker.partitionWords(both));
    } else {
      return Optional.empty();
    }
    return Optional.of(
        ts -> {
          change(table, new Partitions(table.partitions().method(), column(table), parts));
          schema.advance(5);
          return new JobDraft(schema, DdlAction.REORGANIZE_PARTITION, sql(table, words))
              .of(table)
              .table(table.info())
              .write(SchemaModel.put(table))
              .done(ts);
        });
  }

  private static long bound(List<Partitions.Part> parts, int at) {
    return parts.get(at).lessThan();
  }

  private static int column(ModelTable table) {
    return table.partitions().column();
  }

  private Partitions.Part part(long lessThan) {
    long id = schema.nextId();
    return new Partitions.Part(id, "p" + id, lessThan);
  }

  /** A table gets hash partitions by its integer key, and with them another id. */
  Optional<Planned> partitionBy(ModelTable table) {
    boolean otherKeys = table.info().indexes().stream().anyMatch(IndexInfo::unique);
    if (!table.info().pkIsHandle()
        || otherKeys
        || table.shape() != TableShape.INT_KEY
        || table.partitions().method() != Partitions.Method.NONE) {
      return Optional.empty();
    }
    return Optional.of(
        ts -> {
          int count = 2 + random.nextInt(MOST_HASH_PARTS - 1);
          String sql = sql(table, "PARTITION BY HASH (`id`) PARTITIONS " + count);
          JobDraft job =
              new JobDraft(schema, DdlAction.ALTER_TABLE_PARTITIONING, sql)
                  .of(table)
                  .write(SchemaModel.delete(table.database().id(), table.info().id()));
          List<Partitions.Part> parts = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            parts.add(new Partitions.Part(schema.nextId(), "p" + i, 0));
          }
          int column = 0;
          while (!table.info().columns().get(column).name().lower().equals("id")) {
            column++;
          }
          table.change(table.info().withIdentity(schema.nextId(), table.info().name()));
          change(table, new Partitions(Partitions.Method.HASH, column, parts));
          schema.advance(5);
          return job.table(table.info()).write(SchemaModel.put(table)).done(ts);
        });
  }

  private static void change(ModelTable table, Partitions partitions) {
    String column = table.info().columns().get(partitions.column()).name().original();
    table.change(TableEdit.partition(table.info(), partitions.toInfo(column)), partitions);
  }

  private static String sql(ModelTable table, String words) {
    return "ALTER TABLE " + Sql.name(table.name()) + " " + words + ";";
  }
}
