package org.tidbbinlog.sinks.mysql;

import com.fasterxml.jackson.databind.node.NullNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.ddl.JobState;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.PartitionInfo;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.RowImage;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.GivenRows;
import org.tidbbinlog.testkit.schema.ColumnDraft;
import org.tidbbinlog.testkit.schema.TableDraft;

/** Makes what an upstream would send. */
final class Upstream {
  private Upstream() {}

  static ColumnInfo column(int offset, String name) {
    return column(offset, name, "");
  }

  static ColumnInfo column(int offset, String name, String generatedExpr) {
    return ColumnDraft.plain(offset + 1, name, ColumnDraft.BIGINT)
        .at(offset)
        .generated(generatedExpr)
        .done();
  }

  static TableVersion table(String schema, String table, String... columns) {
    return table(schema, table, PartitionInfo.NONE, columns);
  }

  static TableVersion partitioned(String schema, String table, String... columns) {
    return table(schema, table, new PartitionInfo(true, 1, "", List.of(), 0), columns);
  }

  private static TableVersion table(
      String schema, String table, PartitionInfo partition, String... columns) {
    List<ColumnInfo> infos = new ArrayList<>();
    for (String column : columns) {
      infos.add(column(infos.size(), column));
    }
    return new TableVersion(schema, table, info(table, infos, partition), 1);
  }

  static TableInfo info(String table, List<ColumnInfo> columns, PartitionInfo partition) {
    return TableDraft.plain(100, table, columns).partition(partition).done();
  }

  static RowImage image(TableVersion table, Object... values) {
    List<ColumnValue> list = new ArrayList<>();
    for (Object value : values) {
      list.add(value(value));
    }
    return new RowImage(table.info().columns(), list);
  }

  static ColumnValue value(Object value) {
    if (value instanceof ColumnValue typed) {
      return typed;
    }
    if (value instanceof Number number) {
      return new ColumnValue.Signed(number.longValue());
    }
    return new ColumnValue.Text(value.toString().getBytes(StandardCharsets.UTF_8));
  }

  static RowChange insert(TableVersion table, Object... values) {
    return new RowChange.Insert(table, image(table, values));
  }

  static RowChange delete(TableVersion table, Object... values) {
    return new RowChange.Delete(table, image(table, values));
  }

  static RowChange update(TableVersion table, List<?> before, List<?> after) {
    return new RowChange.Update(
        table, image(table, before.toArray()), image(table, after.toArray()));
  }

  static SinkItem.Transaction transaction(long commitTs, RowChange... rows) {
    return transaction(commitTs, Arrays.asList(rows));
  }

  static SinkItem.Transaction transaction(long commitTs, List<RowChange> rows) {
    return new SinkItem.Transaction(
        new Tso(commitTs - 1),
        new Tso(commitTs),
        1,
        new GivenRows(rows, 1, rows.size() * 64L),
        new StageTimes());
  }

  static SinkItem.Ddl ddl(long commitTs, String schema, String table, String query) {
    return ddl(commitTs, schema, table, DdlAction.NONE, query, null);
  }

  static SinkItem.Ddl ddl(
      long commitTs,
      String schema,
      String table,
      DdlAction action,
      String query,
      @org.jspecify.annotations.Nullable TableInfo info) {
    DdlJob job =
        new DdlJob(
            commitTs,
            action,
            action.number(),
            1,
            1,
            schema,
            table,
            JobState.SYNCED,
            SchemaState.PUBLIC,
            NullNode.instance,
            query,
            1,
            null,
            info,
            List.of(),
            commitTs);
    return new SinkItem.Ddl(
        new Tso(commitTs),
        1,
        job,
        query,
        schema,
        table,
        SinkItem.Execution.EXECUTE,
        new StageTimes());
  }
}
