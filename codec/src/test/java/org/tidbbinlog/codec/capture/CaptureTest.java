package org.tidbbinlog.codec.capture;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.binlog.BinlogHeader;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.datum.Datums;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.ddl.DdlJobJson;
import org.tidbbinlog.codec.key.MetaKey;
import org.tidbbinlog.codec.mutation.PrewriteValue;
import org.tidbbinlog.codec.mutation.PrewriteValueBuilder;
import org.tidbbinlog.codec.mutation.RowMutation;
import org.tidbbinlog.codec.mutation.TableMutation;
import org.tidbbinlog.codec.row.DecodedRow;
import org.tidbbinlog.codec.row.DecodedUpdate;
import org.tidbbinlog.codec.row.NewCollations;
import org.tidbbinlog.codec.row.RowDecoder;
import org.tidbbinlog.codec.row.RowEncoder;
import org.tidbbinlog.codec.row.UpdateGaps;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.DbInfoJson;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.schema.TableInfoJson;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.codec.value.ValueText;

class CaptureTest {
  static List<CaptureFolder> captures() throws IOException {
    return CaptureFolder.all();
  }

  @ParameterizedTest
  @MethodSource("captures")
  void binlogsOfARealCluster_decode_andEncodeToTheSameBytes(CaptureFolder capture)
      throws IOException {
    for (ByteBuffer encoded : capture.binlogs()) {
      Binlog binlog = Binlog.decode(encoded);
      assertThat(ByteBuffer.wrap(binlog.encode())).isEqualTo(encoded);
      assertThat(BinlogHeader.peek(encoded)).isEqualTo(binlog.header());
      if (!binlog.isDdl()) {
        ByteBuffer value = binlog.prewriteValue().buffer();
        assertThat(rebuilt(PrewriteValue.over(value))).isEqualTo(binlog.prewriteValue().toBytes());
      }
    }
  }

  private static byte[] rebuilt(PrewriteValue value) {
    PrewriteValueBuilder builder = new PrewriteValueBuilder(value.schemaVersion());
    for (TableMutation table : value) {
      builder.table(table.tableId());
      for (RowMutation row : table) {
        builder.add(table.tableId(), row.kind(), bytes(row.row()));
      }
    }
    return builder.toBytes();
  }

  @ParameterizedTest
  @MethodSource("captures")
  void metaKeysOfARealCluster_decode_andEncodeToTheSameBytes(CaptureFolder capture)
      throws IOException {
    int tables = 0;
    for (CaptureFolder.Pair pair : capture.meta()) {
      MetaKey key = MetaKey.decode(ByteBuffer.wrap(pair.key()));
      assertThat(key.encode()).isEqualTo(pair.key());
      if (key.isTable()) {
        TableInfo table = TableInfoJson.parse(pair.value());
        assertThat(key.fieldText()).isEqualTo("Table:" + table.id());
        assertThat(TableInfoJson.parse(TableInfoJson.write(table))).isEqualTo(table);
        tables++;
      } else if (key.name().equals("DBs")) {
        assertThat(key.fieldText()).isEqualTo("DB:" + DbInfoJson.parse(pair.value()).id());
      }
    }
    assertThat(tables).isPositive();
  }

  @ParameterizedTest
  @MethodSource("captures")
  void jobsOfARealCluster_areTheSameInMetaAndInTheHistory(CaptureFolder capture)
      throws IOException {
    Map<Long, DdlJob> jobs = jobs(capture);
    assertThat(jobs).isNotEmpty();
    for (JsonNode each : capture.history()) {
      DdlJob job = DdlJobJson.parse(each);
      assertThat(jobs.get(job.id())).isEqualTo(job);
      assertThat(DdlJobJson.parse(DdlJobJson.write(job))).isEqualTo(job);
      assertThat(MetaKey.decode(ByteBuffer.wrap(MetaKey.job(job.id()).encode())))
          .isEqualTo(MetaKey.job(job.id()));
    }
  }

  @ParameterizedTest
  @MethodSource("captures")
  @DisplayName("mutations fact 6: rows of a real cluster resolve, partitioned tables by logical id")
  void rowsOfARealCluster_decode_andEncodeToTheSameBytes(CaptureFolder capture) throws IOException {
    List<DdlJob> jobs = new ArrayList<>(jobs(capture).values());
    List<String> different = new ArrayList<>();
    int rows = 0;
    for (ByteBuffer encoded : capture.binlogs()) {
      Binlog binlog = Binlog.decode(encoded);
      if (binlog.isDdl()) {
        continue;
      }
      Map<Long, TableInfo> tables = tablesBefore(jobs, binlog.commitTs().value());
      for (TableMutation mutation : PrewriteValue.over(binlog.prewriteValue().buffer())) {
        TableInfo table = tables.get(mutation.tableId());
        assertThat(table).as("table %d", mutation.tableId()).isNotNull();
        for (RowMutation row : mutation) {
          rows++;
          byte[] again = reencoded(withPlainStoredColumns(table), row);
          if (!ByteBuffer.wrap(again).equals(row.row())) {
            different.add(
                "%s %s %s%n    %s%n    %s"
                    .formatted(
                        table.id(), table.name(), row.kind(), hex(bytes(row.row())), hex(again)));
          }
        }
      }
    }
    assertThat(different).isEmpty();
    assertThat(rows).isPositive();
  }

  private static Map<Long, TableInfo> tablesBefore(List<DdlJob> jobs, long commitTs) {
    Map<Long, TableInfo> tables = new HashMap<>();
    for (DdlJob job : jobs) {
      if (job.isFinished() && job.finishedTs() <= commitTs) {
        TableInfo table = job.tableInfo();
        TableInfo before = table == null ? null : tables.put(table.id(), table);
        job.multipleTables().forEach(each -> tables.put(each.id(), each));
        if (job.action() == DdlAction.EXCHANGE_TABLE_PARTITION) {
          exchange(job, before, tables);
        }
      }
    }
    return tables;
  }

  /** The plain table gets the id of the partition that it took the place of. */
  private static void exchange(
      DdlJob job, @Nullable TableInfo before, Map<Long, TableInfo> tables) {
    TableInfo plain = tables.get(job.tableId());
    TableInfo partitioned = job.tableInfo();
    if (before == null || plain == null || partitioned == null) {
      return;
    }
    for (int i = 0; i < before.partition().definitions().size(); i++) {
      long oldId = before.partition().definitions().get(i).id();
      if (partitioned.partition().definitions().get(i).id() == job.tableId()) {
        tables.put(oldId, plain.withIdentity(oldId, plain.name()));
      }
    }
  }

  /** Inserted and updated rows hold stored generated columns, which decoding leaves out. */
  private static TableInfo withPlainStoredColumns(TableInfo table) {
    List<ColumnInfo> columns = new ArrayList<>();
    for (ColumnInfo c : table.columns()) {
      columns.add(
          c.isGenerated() && c.generatedStored()
              ? new ColumnInfo(
                  c.id(),
                  c.name(),
                  c.offset(),
                  c.type(),
                  c.state(),
                  c.originDefault(),
                  c.originDefaultBit(),
                  c.defaultValue(),
                  "",
                  false,
                  c.hidden(),
                  c.comment(),
                  c.version())
              : c);
    }
    return new TableInfo(
        table.id(),
        table.name(),
        table.kind(),
        table.temporary(),
        table.charset(),
        table.collate(),
        columns,
        table.indexes(),
        table.state(),
        table.pkIsHandle(),
        table.commonHandle(),
        table.partition(),
        table.comment());
  }

  private static byte[] reencoded(TableInfo table, RowMutation row) {
    RowDecoder decoder = new RowDecoder(table);
    RowEncoder encoder = new RowEncoder(table, NewCollations.ON);
    return switch (row.kind()) {
      case INSERT -> {
        List<ColumnValue> values = decoder.insert(row.row(), decoder.defaults());
        print(values);
        long rowId = table.commonHandle() ? 0 : Datums.integer(ByteCursor.over(row.row()));
        yield encoder.insert(aligned(table, decoder.columns(), values), rowId);
      }
      case UPDATE -> {
        DecodedUpdate update = decoder.update(row.row(), decoder.defaults(), UpdateGaps.REFUSE);
        yield encoder.update(
            aligned(table, update.columns(), update.before()),
            aligned(table, update.columns(), update.after()),
            rowId(row.row()));
      }
      case DELETE -> {
        DecodedRow deleted = decoder.delete(row.row());
        print(deleted.values());
        yield encoder.delete(aligned(table, deleted.columns(), deleted.values()), rowId(row.row()));
      }
    };
  }

  private static void print(List<ColumnValue> values) {
    values.forEach(value -> assertThat(ValueText.of(value)).isNotNull());
  }

  /** The hidden row id: the last datum of an updated or deleted row. */
  private static long rowId(ByteBuffer row) {
    ByteCursor in = ByteCursor.over(row);
    long last = 0;
    while (in.hasRemaining()) {
      long id = Datums.integer(in);
      if (id == -1) {
        last = Datums.integer(in);
      } else {
        Datums.skip(in);
      }
    }
    return last;
  }

  private static List<ColumnValue> aligned(
      TableInfo table, List<ColumnInfo> columns, List<ColumnValue> values) {
    Map<Long, ColumnValue> byId = new TreeMap<>();
    for (int i = 0; i < columns.size(); i++) {
      byId.put(columns.get(i).id(), values.get(i));
    }
    List<ColumnValue> all = new ArrayList<>();
    for (ColumnInfo column : table.columns()) {
      all.add(byId.getOrDefault(column.id(), ColumnValue.Null.NULL));
    }
    return all;
  }

  private static Map<Long, DdlJob> jobs(CaptureFolder capture) throws IOException {
    Map<Long, DdlJob> jobs = new HashMap<>();
    for (CaptureFolder.Pair pair : capture.meta()) {
      MetaKey key = MetaKey.decode(ByteBuffer.wrap(pair.key()));
      if (key.name().equals("DDLJobHistory")) {
        DdlJob job = DdlJobJson.parse(pair.value());
        jobs.put(job.id(), job);
      }
    }
    Map<Long, DdlJob> inOrder = new LinkedHashMap<>();
    jobs.values().stream()
        .sorted(Comparator.comparingLong(DdlJob::finishedTs))
        .forEach(job -> inOrder.put(job.id(), job));
    return inOrder;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] copy = new byte[buffer.remaining()];
    buffer.duplicate().get(copy);
    return copy;
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, 400));
  }
}
