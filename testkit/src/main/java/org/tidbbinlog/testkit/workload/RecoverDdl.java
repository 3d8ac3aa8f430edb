package org.tidbbinlog.testkit.workload;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.json.JsonText;
import org.tidbbinlog.codec.schema.DbInfoJson;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfoJson;

/**
 * Drops and truncates tables, drops databases, and brings them back: rows reappear that no binlog
 * carries. A target follows when it keeps what is dropped. Source: ddl-meta section 5.
 */
final class RecoverDdl {
  private static final int MOST_LOST = 20;
  private static final int FIRST_NEW_DATABASE = 900;

  private final RandomGenerator random;
  private final SchemaModel schema;
  private final DdlMaker ddl;
  private final List<Lost> lost = new ArrayList<>();
  private int names;

  /** A table as it was when it went away, and the job it went with. */
  private record Lost(ModelTable table, String name, long jobId) {}

  RecoverDdl(RandomGenerator random, SchemaModel schema, DdlMaker ddl) {
    this.random = random;
    this.schema = schema;
    this.ddl = ddl;
  }

  /** The table goes, other rows come, and mostly the table comes back. */
  List<Planned> dropAndRecover(ModelTable table, Planned rows) {
    if (schema.tables().size() < 2) {
      return List.of();
    }
    List<Planned> steps = new ArrayList<>();
    steps.add(ts -> drop(table, ddl.dropOf(List.of(table))).at(ts));
    steps.add(rows);
    if (random.nextInt(4) > 0) {
      steps.add(ts -> recover(lost.get(lost.size() - 1)).at(ts));
      steps.add(rows);
    }
    return steps;
  }

  /** Two tables go in one statement; rows of others come between the two jobs. */
  List<Planned> dropTwo(ModelTable first, ModelTable second, Planned rows) {
    if (first == second || schema.tables().size() < 3) {
      return List.of();
    }
    String sql = ddl.dropOf(List.of(first, second));
    List<Planned> steps = new ArrayList<>();
    steps.add(ts -> drop(first, sql).at(ts));
    steps.add(rows);
    steps.add(ts -> drop(second, sql).at(ts));
    steps.add(rows);
    steps.add(ts -> recover(lost.get(lost.size() - 1 - random.nextInt(2))).at(ts));
    steps.add(rows);
    return steps;
  }

  /** The old rows come back beside those that came since. */
  List<Planned> truncateAndRecover(ModelTable table, Planned rows) {
    List<Planned> steps = new ArrayList<>();
    steps.add(ts -> truncate(table).at(ts));
    steps.add(rows);
    if (random.nextInt(4) > 0) {
      steps.add(ts -> recover(lost.get(lost.size() - 1)).at(ts));
      steps.add(rows);
    }
    return steps;
  }

  /** Something that went away earlier comes back, if it can. */
  Optional<Planned> recoverAny() {
    List<Lost> able = lost.stream().filter(this::canComeBack).toList();
    return able.isEmpty()
        ? Optional.empty()
        : Optional.of(ts -> recover(able.get(random.nextInt(able.size()))).at(ts));
  }

  private boolean canComeBack(Lost wanted) {
    ModelDatabase database = wanted.table.database();
    return schema.databases().contains(database)
        && (isNewest(wanted) || !database.has(wanted.name));
  }

  private boolean isNewest(Lost wanted) {
    return lost.stream()
        .filter(each -> each.table.database() == wanted.table.database())
        .filter(each -> each.name.equals(wanted.name))
        .reduce((older, newer) -> newer)
        .filter(wanted::equals)
        .isPresent();
  }

  private Planned drop(ModelTable table, String sql) {
    String name = table.name();
    Planned planned = ddl.dropTable(table, sql);
    return ts -> losing(table, name, planned.at(ts));
  }

  private Planned truncate(ModelTable table) {
    ModelTable old = table.copy();
    Planned planned = ddl.truncateTable(table);
    return ts -> losing(old, old.name(), planned.at(ts));
  }

  private WorkloadStep losing(ModelTable table, String name, WorkloadStep step) {
    lost.add(new Lost(table, name, ((WorkloadStep.Ddl) step).job().id()));
    if (lost.size() > MOST_LOST) {
      lost.remove(0);
    }
    return step;
  }

  /** By name only the newest of that name can be had, by its job any; a name may be taken. */
  private Planned recover(Lost wanted) {
    ModelTable table = wanted.table;
    ModelDatabase database = table.database();
    boolean newest = isNewest(wanted);
    lost.remove(wanted);
    boolean renamed = newest && (database.has(wanted.name) || random.nextBoolean());
    String old =
        random.nextBoolean() ? Sql.name(wanted.name) : Sql.name(database.name(), wanted.name);
    String sql;
    if (renamed) {
      String name = "back_" + ++names;
      table.change(TableEdit.rename(table.info(), name));
      sql = "FLASHBACK TABLE %s TO %s;".formatted(old, Sql.name(name));
    } else {
      table.change(TableEdit.rename(table.info(), wanted.name));
      boolean byJob = !newest || random.nextInt(4) == 0;
      sql =
          byJob
              ? "RECOVER TABLE BY JOB " + wanted.jobId + ";"
              : (random.nextBoolean() ? "RECOVER TABLE " : "FLASHBACK TABLE ") + old + ";";
    }
    database.tables().add(table);
    schema.advance(1);
    return new JobDraft(schema, DdlAction.RECOVER_TABLE, sql)
            .of(table)
            .table(table.info())
            .write(SchemaModel.put(table))
        ::done;
  }

  /**
   * A database goes with its tables, other rows come, and it comes back, named as it was or not.
   */
  List<Planned> dropAndRecoverDatabase(ModelDatabase database, Planned rows) {
    List<Planned> steps = new ArrayList<>();
    boolean alone = schema.tables().size() == database.tables().size();
    if (alone) {
      steps.add(ts -> ddl.createDatabase().at(ts));
      steps.add(ts -> ddl.createTable(newest(), TableShape.TYPED_KEY).at(ts));
    }
    steps.add(ts -> ddl.dropDatabase(database).at(ts));
    steps.add(rows);
    steps.add(rows);
    steps.add(ts -> recover(database).at(ts));
    steps.add(rows);
    return steps;
  }

  private ModelDatabase newest() {
    return schema.databases().get(schema.databases().size() - 1);
  }

  private Planned recover(ModelDatabase old) {
    boolean renamed = random.nextBoolean();
    String name = renamed ? "db_" + (FIRST_NEW_DATABASE + ++names) : old.name();
    ModelDatabase database = renamed ? new ModelDatabase(old.id(), name) : old;
    if (renamed) {
      database.tables().addAll(old.tables());
      database.views().addAll(old.views());
      database.tables().forEach(table -> table.moveTo(database));
    }
    database.loseViews(old);
    schema.databases().add(database);
    String sql =
        "FLASHBACK "
            + (random.nextBoolean() ? "DATABASE " : "SCHEMA ")
            + Sql.name(old.name())
            + (renamed ? " TO " + Sql.name(name) : "")
            + ";";
    JobDraft job =
        new JobDraft(schema, DdlAction.RECOVER_SCHEMA, sql)
            .of(database)
            .db(database.info(SchemaState.PUBLIC))
            .write(SchemaModel.put(database))
            .args(arguments(old, database));
    database.tables().forEach(table -> job.write(SchemaModel.put(table)));
    schema.advance(1);
    return job::done;
  }

  private static ArrayNode arguments(ModelDatabase old, ModelDatabase now) {
    ObjectNode recovered =
        (ObjectNode) JsonText.parseObject(DbInfoJson.write(now.info(SchemaState.PUBLIC)), "DBInfo");
    ArrayNode tables = recovered.putArray("RecoverTabsInfo");
    now.tables()
        .forEach(
            table ->
                tables
                    .addObject()
                    .put("SchemaID", now.id())
                    .set(
                        "TableInfo",
                        JsonText.parseObject(TableInfoJson.write(table.info()), "TableInfo")));
    recovered.putObject("OldSchemaName").put("O", old.name()).put("L", old.name());
    return recovered.arrayNode().add(recovered).add(0);
  }
}
