package org.tidbbinlog.drainer.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.drainer.CaptureSchemaSource;

/** The DDL histories of real clusters lead to the schema those clusters had. */
class CapturedHistoryTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"01-types", "02-keys", "03-ddl", "04-txn", "05-exchange", "08-rename-cycle"})
  @DisplayName("ddl-meta fact 12: snapshot and history give the same tables under the same ids")
  void replayed_history_ends_with_the_final_snapshot(String name) throws Exception {
    CaptureSchemaSource source = new CaptureSchemaSource(CaptureSchemaSource.capture(name));
    SchemaStart start = new SchemaStart(source, UnknownActions.STOP);

    SchemaTracker history =
        start.at(Tso.ZERO, Long.MAX_VALUE, Tso.MAX, SchemaStart.Way.SNAPSHOT_ELSE_HISTORY);
    SchemaTracker snapshot =
        start.at(CaptureSchemaSource.NEWEST, 0, Tso.MAX, SchemaStart.Way.SNAPSHOT_ONLY);

    assertThat(shape(history.current()))
        .isNotEmpty()
        .containsExactlyInAnyOrderEntriesOf(shape(snapshot.current()));
  }

  /** id → database.table(column ids and names, in order). */
  static Map<Long, String> shape(SchemaSnapshot snapshot) {
    Map<Long, String> shape = new TreeMap<>();
    snapshot.forEachTable(
        (id, table) ->
            shape.put(id, snapshot.databaseNameOf(table) + "." + describe(table.info())));
    return shape;
  }

  private static String describe(TableInfo info) {
    StringBuilder text = new StringBuilder(info.name().original()).append('(');
    for (ColumnInfo column : info.columns()) {
      text.append(column.id()).append(' ').append(column.name()).append(' ');
      text.append(column.type().tp()).append(' ').append(column.state()).append(", ");
    }
    return text.append(')').toString();
  }
}
