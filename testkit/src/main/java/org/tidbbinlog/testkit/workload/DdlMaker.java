package org.tidbbinlog.testkit.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.key.MetaKey;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.SchemaState;

/**
 * Makes up DDL of databases and whole tables. Each change is made to the model at once; the answer
 * is how to say it when its turn comes.
 */
final class DdlMaker {
  private final RandomGenerator random;
  private final SchemaModel schema;
  private int names;

  DdlMaker(RandomGenerator random, SchemaModel schema) {
    this.random = random;
    this.schema = schema;
  }

  Planned createDatabase() {
    String name = "db_" + ++names;
    ModelDatabase database = new ModelDatabase(schema.nextId(), name);
    schema.databases().add(database);
    String sql =
        "CREATE DATABASE %s CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin;"
            .formatted(Sql.name(name));
    JobDraft job =
        new JobDraft(schema, DdlAction.CREATE_SCHEMA, sql)
            .of(database)
            .db(database.info(SchemaState.PUBLIC))
            .write(SchemaModel.put(database));
    schema.advance(1);
    return job::done;
  }

  Planned dropDatabase(ModelDatabase database) {
    schema.databases().remove(database);
    JobDraft job =
        new JobDraft(
                schema, DdlAction.DROP_SCHEMA, "DROP DATABASE " + Sql.name(database.name()) + ";")
            .of(database)
            .db(database.info(SchemaState.NONE))
            .endingAs(SchemaState.NONE)
            .write(MetaWrite.delete(MetaKey.database(database.id())));
    database
        .tables()
        .forEach(table -> job.write(SchemaModel.delete(database.id(), table.info().id())));
    database.views().forEach(view -> job.write(SchemaModel.delete(database.id(), view.id())));
    schema.advance(3);
    return job::done;
  }

  Planned createTable(ModelDatabase database, TableShape shape) {
    String fresh = (random.nextInt(5) == 0 ? "Odd `name " : "t_") + ++names;
    String name = random.nextBoolean() ? database.freedName().orElse(fresh) : fresh;
    TableMaker.Made made =
        new TableMaker(random, schema::nextId)
            .make(database, name, shape, nameInSql(database, name));
    ModelTable table = made.table();
    database.tables().add(table);
    JobDraft job =
        new JobDraft(schema, DdlAction.CREATE_TABLE, made.sql())
            .of(table)
            .table(table.info())
            .write(SchemaModel.put(table));
    schema.advance(1);
    return job::done;
  }

  /** Two tables in one job, as fast table creation and restores make them. */
  Planned createTables(ModelDatabase database, TableShape shape) {
    List<ModelTable> tables = new ArrayList<>();
    StringBuilder sql = new StringBuilder();
    for (int i = 0; i < 2; i++) {
      String name = "batch_" + ++names;
      TableMaker.Made made =
          new TableMaker(random, schema::nextId)
              .make(database, name, shape, nameInSql(database, name));
      tables.add(made.table());
      sql.append(made.sql());
    }
    database.tables().addAll(tables);
    JobDraft job =
        new JobDraft(schema, DdlAction.CREATE_TABLES, sql.toString())
            .of(tables.get(random.nextInt(2)))
            .tables(tables.stream().map(ModelTable::info).toList());
    tables.forEach(table -> job.write(SchemaModel.put(table)));
    schema.advance(1);
    return job::done;
  }

  Planned dropTable(ModelTable table) {
    return dropTable(table, "DROP TABLE " + nameInSql(table) + ";");
  }

  /** What a DROP TABLE of several says; each of them goes with a job of its own. */
  String dropOf(List<ModelTable> tables) {
    return tables.stream()
        .map(table -> Sql.name(table.database().name(), table.name()))
        .collect(Collectors.joining(", ", "DROP TABLE ", ";"));
  }

  Planned dropTable(ModelTable table, String sql) {
    table.database().tables().remove(table);
    table.database().free(table.name());
    JobDraft job =
        new JobDraft(schema, DdlAction.DROP_TABLE, sql)
            .of(table)
            .table(table.info())
            .endingAs(SchemaState.NONE)
            .write(SchemaModel.delete(table.database().id(), table.info().id()));
    schema.advance(3);
    return job::done;
  }

  Planned truncateTable(ModelTable table) {
    JobDraft job =
        new JobDraft(schema, DdlAction.TRUNCATE_TABLE, "TRUNCATE TABLE " + nameInSql(table) + ";")
            .of(table)
            .write(SchemaModel.delete(table.database().id(), table.info().id()));
    table.clear();
    Partitions partitions = table.partitions().withIds(schema::nextId);
    long newId = schema.nextId();
    table.change(
        TableEdit.partition(
            table.info().withIdentity(newId, table.info().name()),
            partitions.toInfo(PartitionDdl.columnName(table))),
        partitions);
    schema.advance(1);
    return job.table(table.info()).write(SchemaModel.put(table))::done;
  }

  /** Within the database or to another one. */
  Planned renameTable(ModelTable table) {
    ModelDatabase from = table.database();
    ModelDatabase to = schema.databases().get(random.nextInt(schema.databases().size()));
    String name = "renamed_" + ++names;
    String sql =
        from == to
            ? "RENAME TABLE %s TO %s;".formatted(Sql.name(table.name()), Sql.name(name))
            : "RENAME TABLE %s TO %s;"
                .formatted(Sql.name(from.name(), table.name()), Sql.name(to.name(), name));
    JobDraft job = new JobDraft(schema, DdlAction.RENAME_TABLE, sql);
    job.write(SchemaModel.delete(from.id(), table.info().id()));
    from.tables().remove(table);
    from.free(table.name());
    to.tables().add(table);
    table.moveTo(to);
    table.change(TableEdit.rename(table.info(), name));
    schema.advance(1);
    return job.of(table).table(table.info()).write(SchemaModel.put(table))::done;
  }

  /** Two tables of one database exchange their names in one statement. */
  Optional<Planned> swapTables(ModelDatabase database) {
    if (database.tables().size() < 2) {
      return Optional.empty();
    }
    ModelTable first = database.tables().get(0);
    ModelTable second = database.tables().get(database.tables().size() - 1);
    String a = Sql.name(database.name(), first.name());
    String b = Sql.name(database.name(), second.name());
    String c = Sql.name(database.name(), "swap_" + ++names);
    String sql = "RENAME TABLE %s TO %s, %s TO %s, %s TO %s;".formatted(a, c, b, a, c, b);
    JobDraft job = new JobDraft(schema, DdlAction.RENAME_TABLES, sql).of(first);
    CiName nameOfFirst = first.info().name();
    first.change(TableEdit.rename(first.info(), second.name()));
    second.change(TableEdit.rename(second.info(), nameOfFirst.original()));
    schema.advance(1);
    job.write(SchemaModel.put(first)).write(SchemaModel.put(second)).table(first.info());
    return Optional.of(
        job.tables(
                List.of(
                    TableEdit.rename(first.info(), "swap_" + names), second.info(), first.info()))
            ::done);
  }

  private String nameInSql(ModelTable table) {
    return nameInSql(table.database(), table.name());
  }

  /** Half of the statements say the database, half rely on the job's. */
  private String nameInSql(ModelDatabase database, String table) {
    return random.nextBoolean() ? Sql.name(table) : Sql.name(database.name(), table);
  }

  /** A table's tables that nothing forbids to drop. */
  List<ModelTable> spareTables(int perDatabase) {
    List<ModelTable> spare = new ArrayList<>();
    for (ModelDatabase database : schema.databases()) {
      if (database.tables().size() > perDatabase) {
        spare.addAll(database.tables());
      }
    }
    return spare;
  }
}
