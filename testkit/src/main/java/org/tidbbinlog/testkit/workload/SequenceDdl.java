package org.tidbbinlog.testkit.workload;

import java.util.List;
import java.util.random.RandomGenerator;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.key.MetaKey;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.schema.TableInfoJson;

/**
 * The life of a sequence; of its values a binlog tells that has no job. Source: ddl-meta section 1.
 */
final class SequenceDdl {
  private final RandomGenerator random;
  private final SchemaModel schema;
  private int names;

  SequenceDdl(RandomGenerator random, SchemaModel schema) {
    this.random = random;
    this.schema = schema;
  }

  List<Planned> life(ModelDatabase database, Planned rows) {
    String name = "sequence_" + ++names;
    TableInfo info = TableEdit.withoutRows(TableInfo.Kind.SEQUENCE, schema.nextId(), name);
    String quoted = Sql.name(name);
    String create =
        "CREATE SEQUENCE "
            + quoted
            + " START WITH 10 MINVALUE 1 MAXVALUE 9999 INCREMENT BY 2 "
            + (random.nextBoolean() ? "NOCACHE CYCLE;" : "CACHE 20 NOCYCLE;");
    String value =
        "%s SETVAL(%s, 77)"
            .formatted(random.nextBoolean() ? "SELECT" : "select", Sql.name(database.name(), name));
    return List.of(
        step(DdlAction.CREATE_SEQUENCE, create, database, info, SchemaState.PUBLIC),
        rows,
        ts -> new JobDraft(schema, DdlAction.NONE, value).ofNoJob(ts),
        step(
            DdlAction.ALTER_SEQUENCE,
            "ALTER SEQUENCE " + quoted + " INCREMENT BY 5;",
            database,
            info,
            SchemaState.PUBLIC),
        rows,
        step(
            DdlAction.DROP_SEQUENCE,
            "DROP SEQUENCE " + quoted + ";",
            database,
            info,
            SchemaState.NONE));
  }

  private Planned step(
      DdlAction action, String sql, ModelDatabase database, TableInfo info, SchemaState end) {
    return ts -> {
      schema.advance(1);
      boolean gone = end == SchemaState.NONE;
      MetaKey key = MetaKey.table(database.id(), info.id());
      return new JobDraft(schema, action, sql)
          .of(database, info)
          .table(info)
          .endingAs(end)
          .write(gone ? MetaWrite.delete(key) : MetaWrite.put(key, TableInfoJson.write(info)))
          .done(ts);
    };
  }
}
