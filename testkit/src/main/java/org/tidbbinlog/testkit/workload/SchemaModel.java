package org.tidbbinlog.testkit.workload;

import java.util.ArrayList;
import java.util.List;
import org.tidbbinlog.codec.json.JsonText;
import org.tidbbinlog.codec.key.MetaKey;
import org.tidbbinlog.codec.schema.DbInfoJson;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfoJson;

/** The databases of a model, its ids and its schema version, and how meta keys say them. */
final class SchemaModel {
  private static final long FIRST_VERSION = 40;
  private static final long FIRST_ID = 80;
  private static final long BOOTSTRAP_VERSION = 146;

  private final List<ModelDatabase> databases = new ArrayList<>();
  private long version = FIRST_VERSION;
  private long lastId = FIRST_ID;

  List<ModelDatabase> databases() {
    return databases;
  }

  List<ModelTable> tables() {
    return databases.stream().flatMap(database -> database.tables().stream()).toList();
  }

  long version() {
    return version;
  }

  /** The version after so many more steps of a job. */
  long advance(int steps) {
    version += steps;
    return version;
  }

  long nextId() {
    return ++lastId;
  }

  /** What is there before the first job: TiDB's own database, made without one. */
  List<MetaWrite> initial() {
    ModelDatabase system = new ModelDatabase(1, "mysql");
    return List.of(
        MetaWrite.put(MetaKey.bootstrapVersion(), Long.toString(BOOTSTRAP_VERSION)),
        MetaWrite.put(MetaKey.database(1), DbInfoJson.write(system.info(SchemaState.PUBLIC))),
        MetaWrite.put(MetaKey.schemaVersion(), Long.toString(version)),
        MetaWrite.put(MetaKey.nextGlobalId(), Long.toString(lastId)));
  }

  /** The counters after a job's step. */
  List<MetaWrite> counters(int action, long schemaId, long tableId) {
    byte[] diff =
        JsonText.write(
            JsonText.newObject()
                .put("version", version)
                .put("type", action)
                .put("schema_id", schemaId)
                .put("table_id", tableId));
    return List.of(
        MetaWrite.put(MetaKey.schemaVersion(), Long.toString(version)),
        MetaWrite.put(MetaKey.schemaDiff(version), diff),
        MetaWrite.put(MetaKey.nextGlobalId(), Long.toString(lastId)));
  }

  static MetaWrite put(ModelDatabase database) {
    return MetaWrite.put(
        MetaKey.database(database.id()), DbInfoJson.write(database.info(SchemaState.PUBLIC)));
  }

  static MetaWrite put(ModelTable table) {
    return MetaWrite.put(
        MetaKey.table(table.database().id(), table.info().id()), TableInfoJson.write(table.info()));
  }

  static MetaWrite delete(long databaseId, long tableId) {
    return MetaWrite.delete(MetaKey.table(databaseId, tableId));
  }
}
