package org.tidbbinlog.testkit.workload;

import java.util.Optional;
import java.util.random.RandomGenerator;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.key.MetaKey;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.schema.TableInfoJson;

/** Makes up views, over tables that may go away under them. Source: ddl-meta sections 1 and 5. */
final class ViewDdl {
  private final RandomGenerator random;
  private final SchemaModel schema;
  private int names;

  ViewDdl(RandomGenerator random, SchemaModel schema) {
    this.random = random;
    this.schema = schema;
  }

  Planned create(ModelTable table) {
    ModelDatabase database = table.database();
    String name = "view_" + ++names;
    TableInfo view = TableEdit.withoutRows(TableInfo.Kind.VIEW, schema.nextId(), name);
    String column = Sql.name(table.info().columns().get(0).name().original());
    String source = Sql.name(database.name(), table.name());
    String sql =
        random.nextBoolean()
            ? "CREATE VIEW %s AS SELECT * FROM %s;".formatted(Sql.name(name), source)
            : "CREATE OR REPLACE ALGORITHM=MERGE VIEW %s (`x`) AS SELECT %s.%s FROM %s;"
                .formatted(Sql.name(database.name(), name), source, column, source);
    database.views().add(view);
    JobDraft job =
        new JobDraft(schema, DdlAction.CREATE_VIEW, sql)
            .of(database, view)
            .table(view)
            .write(
                MetaWrite.put(MetaKey.table(database.id(), view.id()), TableInfoJson.write(view)));
    schema.advance(1);
    return job::done;
  }

  Optional<Planned> drop(ModelDatabase database) {
    if (database.views().isEmpty()) {
      return Optional.empty();
    }
    TableInfo view = database.views().remove(random.nextInt(database.views().size()));
    String sql = "DROP VIEW " + Sql.name(view.name().original()) + ";";
    JobDraft job =
        new JobDraft(schema, DdlAction.DROP_VIEW, sql)
            .of(database, view)
            .table(view)
            .endingAs(SchemaState.NONE)
            .write(SchemaModel.delete(database.id(), view.id()));
    schema.advance(3);
    return Optional.of(job::done);
  }
}
