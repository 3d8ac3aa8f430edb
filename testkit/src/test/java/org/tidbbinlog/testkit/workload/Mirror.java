package org.tidbbinlog.testkit.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.mutation.PrewriteValue;
import org.tidbbinlog.codec.mutation.RowMutation;
import org.tidbbinlog.codec.mutation.TableMutation;
import org.tidbbinlog.codec.row.DecodedRow;
import org.tidbbinlog.codec.row.DecodedUpdate;
import org.tidbbinlog.codec.row.RowDecoder;
import org.tidbbinlog.codec.row.UpdateGaps;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.codec.value.ValueText;

/** A small consumer of binlogs that keeps rows as texts by column name: the test's target. */
final class Mirror {
  private final Map<Long, String> databases = new HashMap<>();
  private final Map<Long, Table> tables = new TreeMap<>();
  private final Set<Long> dropping = new HashSet<>();

  /** One table as the binlogs tell it. */
  private static final class Table {
    long databaseId;
    RowDecoder decoder;
    long lastVersion;
    final List<Map<String, String>> rows = new ArrayList<>();

    Table(long databaseId, RowDecoder decoder, long lastVersion) {
      this.databaseId = databaseId;
      this.decoder = decoder;
      this.lastVersion = lastVersion;
    }
  }

  void apply(WorkloadStep.Ddl step) {
    DdlJob job = step.job();
    if (!job.isFinished()) {
      dropping.add(job.tableId());
      return;
    }
    dropping.remove(job.tableId());
    TableInfo info = job.tableInfo();
    switch (job.action()) {
      case CREATE_SCHEMA -> databases.put(job.schemaId(), job.schemaName());
      case DROP_SCHEMA -> tables.values().removeIf(each -> each.databaseId == job.schemaId());
      case DROP_TABLE -> tables.remove(job.tableId());
      case TRUNCATE_TABLE -> {
        tables.remove(job.tableId());
        define(job, info(info));
      }
      case RENAME_TABLES -> job.multipleTables().forEach(each -> define(job, each));
      default -> define(job, info(info));
    }
  }

  private static TableInfo info(@Nullable TableInfo info) {
    assertThat(info).isNotNull();
    return Objects.requireNonNull(info);
  }

  private void define(DdlJob job, TableInfo info) {
    RowDecoder decoder = new RowDecoder(info);
    Table table =
        tables.computeIfAbsent(
            info.id(), id -> new Table(job.schemaId(), decoder, job.schemaVersion()));
    rename(table, decoder.columns());
    Set<String> before = names(table.decoder);
    before.addAll(names(decoder, known(table.decoder)));
    Set<String> after = names(decoder);
    List<ColumnInfo> columns = decoder.columns();
    for (Map<String, String> row : table.rows) {
      row.keySet().retainAll(after);
      for (ColumnInfo column : columns) {
        if (!before.contains(column.name().lower())) {
          row.put(column.name().lower(), ValueText.of(ColumnMaker.valueOfOldRows(column)));
        }
      }
    }
    table.databaseId = job.schemaId();
    table.decoder = decoder;
    table.lastVersion = job.schemaVersion();
  }

  /** A column that has another name is still the same. */
  private static void rename(Table table, List<ColumnInfo> columns) {
    Map<Long, String> names = new HashMap<>();
    table.decoder.columns().forEach(column -> names.put(column.id(), column.name().lower()));
    for (ColumnInfo column : columns) {
      String old = names.getOrDefault(column.id(), column.name().lower());
      if (!old.equals(column.name().lower())) {
        table.rows.forEach(row -> row.put(column.name().lower(), row.remove(old)));
      }
    }
  }

  private static Set<Long> known(RowDecoder decoder) {
    Set<Long> ids = new HashSet<>();
    decoder.columns().forEach(column -> ids.add(column.id()));
    return ids;
  }

  private static Set<String> names(RowDecoder decoder, Set<Long> ids) {
    Set<String> names = new HashSet<>();
    decoder.columns().stream()
        .filter(column -> ids.contains(column.id()))
        .forEach(column -> names.add(column.name().lower()));
    return names;
  }

  private static Set<String> names(RowDecoder decoder) {
    Set<String> names = new HashSet<>();
    decoder.columns().forEach(column -> names.add(column.name().lower()));
    return names;
  }

  void apply(Binlog prewrite) {
    PrewriteValue value = PrewriteValue.over(prewrite.prewriteValue().buffer());
    for (TableMutation mutation : value) {
      Table table = tables.get(mutation.tableId());
      assertThat(table).as("table %d", mutation.tableId()).isNotNull();
      UpdateGaps gaps =
          dropping.contains(mutation.tableId()) || value.schemaVersion() < table.lastVersion
              ? UpdateGaps.LEAVE_OUT
              : UpdateGaps.REFUSE;
      for (RowMutation row : mutation) {
        apply(table, row, gaps);
      }
    }
  }

  private static void apply(Table table, RowMutation row, UpdateGaps gaps) {
    RowDecoder decoder = table.decoder;
    switch (row.kind()) {
      case INSERT ->
          table.rows.add(texts(decoder.columns(), decoder.insert(row.row(), decoder.defaults())));
      case UPDATE -> {
        DecodedUpdate update = decoder.update(row.row(), decoder.defaults(), gaps);
        Map<String, String> changed = remove(table, texts(update.columns(), update.before()));
        changed.putAll(texts(update.columns(), update.after()));
        table.rows.add(changed);
      }
      case DELETE -> {
        DecodedRow deleted = decoder.delete(row.row());
        Map<String, String> texts = texts(deleted.columns(), deleted.values());
        texts.keySet().retainAll(names(decoder));
        remove(table, texts);
      }
    }
  }

  private static Map<String, String> remove(Table table, Map<String, String> known) {
    for (int i = 0; i < table.rows.size(); i++) {
      if (table.rows.get(i).entrySet().containsAll(known.entrySet())) {
        return table.rows.remove(i);
      }
    }
    throw new AssertionError(
        "no row " + known + " in " + table.decoder.table().name() + " of " + table.rows.size());
  }

  private static Map<String, String> texts(List<ColumnInfo> columns, List<ColumnValue> values) {
    Map<String, String> texts = new TreeMap<>();
    for (int i = 0; i < columns.size(); i++) {
      texts.put(columns.get(i).name().lower(), ValueText.of(values.get(i)));
    }
    return texts;
  }

  /** Partitions are dropped by range, which the job does not say: takes the truth's word. */
  void takeRows(long tableId, TruthTable truth) {
    Table table = tables.get(tableId);
    assertThat(table).isNotNull();
    table.rows.clear();
    truth.rows().forEach(row -> table.rows.add(texts(truth.columns(), row)));
  }

  void assertEquals(List<TruthTable> truth) {
    Map<String, List<Map<String, String>>> mine = new TreeMap<>();
    tables.values().forEach(table -> mine.put(nameOf(table), table.rows));
    assertThat(mine.keySet())
        .containsExactlyInAnyOrderElementsOf(
            truth.stream().map(table -> table.schema() + "." + table.table()).toList());
    for (TruthTable table : truth) {
      List<Map<String, String>> rows = new ArrayList<>();
      table.rows().forEach(row -> rows.add(texts(table.columns(), row)));
      String name = table.schema() + "." + table.table();
      assertThat(mine.get(name)).as(name).containsExactlyInAnyOrderElementsOf(rows);
    }
  }

  private String nameOf(Table table) {
    return databases.get(table.databaseId) + "." + table.decoder.table().name().original();
  }
}
