package org.tidbbinlog.testkit.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.schema.CiName;

/**
 * Makes up tables that are like others, and exchanges of theirs with partitions. Source: ddl-meta
 * section 5.
 */
final class TwinDdl {
  private final RandomGenerator random;
  private final SchemaModel schema;
  private int names;

  TwinDdl(RandomGenerator random, SchemaModel schema) {
    this.random = random;
    this.schema = schema;
  }

  Planned createLike(ModelTable table) {
    return ts -> make(table).job().done(ts);
  }

  private record Made(ModelTable table, JobDraft job) {}

  private Made make(ModelTable table) {
    ModelDatabase database = table.database();
    String name = "like_" + ++names;
    long id = schema.nextId();
    Partitions partitions = table.partitions().withIds(schema::nextId);
    ModelTable twin =
        new ModelTable(
            database,
            table.shape(),
            TableEdit.partition(
                table.info().withIdentity(id, CiName.of(name)),
                partitions.toInfo(PartitionDdl.columnName(table))),
            partitions);
    database.tables().add(twin);
    String sql = "CREATE TABLE %s LIKE %s;".formatted(name(twin), name(table));
    JobDraft job =
        new JobDraft(schema, DdlAction.CREATE_TABLE, sql)
            .of(twin)
            .table(twin.info())
            .write(SchemaModel.put(twin));
    schema.advance(1);
    return new Made(twin, job);
  }

  /**
   * Rows of a partition change places with those of a new table, and with those that came since.
   */
  List<Planned> exchange(ModelTable table, Planned rows) {
    List<ModelTable> twin = new ArrayList<>();
    return List.of(
        ts -> {
          Made made = make(table);
          twin.add(made.table());
          return made.job().done(ts);
        },
        ts -> removePartitioning(twin.get(0)).done(ts),
        ts -> exchange(table, twin.get(0)).done(ts),
        rows,
        rows,
        ts -> exchange(table, twin.get(0)).done(ts));
  }

  /**
   * The same once: both have rows of the other from then on, and get more under their new ids.
   *
   * @param rows makes a transaction over tables
   */
  List<Planned> exchangeOnce(ModelTable table, Function<List<ModelTable>, Planned> rows) {
    List<ModelTable> twin = new ArrayList<>();
    Planned ofBoth = ts -> rows.apply(List.of(table, twin.get(0))).at(ts);
    return List.of(
        ts -> {
          Made made = make(table);
          twin.add(made.table());
          return made.job().done(ts);
        },
        ts -> removePartitioning(twin.get(0)).done(ts),
        ts -> exchange(table, twin.get(0)).done(ts),
        ofBoth,
        ofBoth);
  }

  private JobDraft removePartitioning(ModelTable table) {
    String sql = "ALTER TABLE " + name(table) + " REMOVE PARTITIONING;";
    JobDraft job =
        new JobDraft(schema, DdlAction.REMOVE_PARTITIONING, sql)
            .of(table)
            .write(SchemaModel.delete(table.database().id(), table.info().id()));
    table.change(
        TableEdit.partition(
            table.info().withIdentity(schema.nextId(), table.info().name()),
            Partitions.NONE.toInfo("")),
        Partitions.NONE);
    schema.advance(4);
    return job.table(table.info()).write(SchemaModel.put(table));
  }

  /** The first partition and the plain table change their ids, and so their rows. */
  private JobDraft exchange(ModelTable table, ModelTable plain) {
    List<Partitions.Part> parts = new ArrayList<>(table.partitions().parts());
    Partitions.Part part = parts.get(0);
    String sql =
        "ALTER TABLE %s EXCHANGE PARTITION %s WITH TABLE %s;"
            .formatted(name(table), Sql.name(part.name()), name(plain));
    JobDraft job =
        new JobDraft(schema, DdlAction.EXCHANGE_TABLE_PARTITION, sql)
            .of(plain)
            .write(SchemaModel.delete(plain.database().id(), plain.info().id()));
    List<ModelTable.MovedRow> fromTable = table.take(part.id());
    List<ModelTable.MovedRow> fromPlain = plain.take(plain.info().id());
    parts.set(0, new Partitions.Part(plain.info().id(), part.name(), part.lessThan()));
    Partitions partitions =
        new Partitions(table.partitions().method(), table.partitions().column(), parts);
    table.change(
        TableEdit.partition(table.info(), partitions.toInfo(PartitionDdl.columnName(table))),
        partitions);
    plain.change(plain.info().withIdentity(part.id(), plain.info().name()));
    table.put(fromPlain);
    plain.put(fromTable);
    schema.advance(1);
    return job.table(table.info()).write(SchemaModel.put(table)).write(SchemaModel.put(plain));
  }

  private String name(ModelTable table) {
    return random.nextBoolean()
        ? Sql.name(table.name())
        : Sql.name(table.database().name(), table.name());
  }
}
