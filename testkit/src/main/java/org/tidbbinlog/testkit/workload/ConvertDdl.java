package org.tidbbinlog.testkit.workload;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.codec.value.ValueText;
import org.tidbbinlog.testkit.schema.ColumnDraft;

/**
 * MODIFY COLUMN to a type that each value must be converted to: a hidden column is filled beside
 * the old one while rows go on, and takes its place in the end, under an id of its own. Source:
 * ddl-meta section 5.
 */
final class ConvertDdl {
  private static final long NULLS = ColumnSort.Flags.NOT_NULL | ColumnSort.Flags.NO_DEFAULT;

  private final RandomGenerator random;
  private final SchemaModel schema;

  ConvertDdl(RandomGenerator random, SchemaModel schema) {
    this.random = random;
    this.schema = schema;
  }

  List<Planned> convert(ModelTable table, Planned rows) {
    List<Integer> places =
        ColumnDdl.ordinary(table).stream()
            .filter(place -> sort(table.info().columns().get(place)).isInteger())
            .filter(place -> table.info().columns().get(place).defaultValue().isNull())
            .toList();
    if (places.isEmpty()) {
      return List.of();
    }
    ColumnInfo old = table.info().columns().get(places.get(random.nextInt(places.size())));
    long id = 1 + table.info().columns().stream().mapToLong(ColumnInfo::id).max().orElse(0);
    ColumnInfo text =
        ColumnDraft.plain(
                id,
                old.name().original(),
                ColumnSort.withFlags(ColumnSort.VARCHAR.type(), old.type().flag() & NULLS))
            .done();
    ColumnInfo hidden = ColumnMaker.withName(text, "_Col$_" + old.name().original() + "_0");
    return List.of(
        ts -> {
          int end = table.info().columns().size();
          table.addColumn(
              TableEdit.withColumn(
                  table.info(), end, ColumnMaker.at(hidden, end, SchemaState.WRITE_ONLY)),
              end,
              ColumnValue.Null.NULL);
          schema.advance(3);
          return rows.at(ts);
        },
        rows,
        ts -> replaced(table, old.id(), text).done(ts));
  }

  private JobDraft replaced(ModelTable table, long oldId, ColumnInfo text) {
    List<ColumnInfo> columns = new ArrayList<>(table.info().columns());
    int hidden = columns.size() - 1;
    int old = placeOf(columns, oldId);
    table.setColumn(hidden, row -> converted(row.get(old)));
    columns.remove(hidden);
    columns.set(old, ColumnMaker.at(text, old, SchemaState.PUBLIC));
    table.arrange(columns);
    schema.advance(1);
    String sql =
        "ALTER TABLE %s MODIFY COLUMN %s;"
            .formatted(Sql.name(table.name()), ColumnMaker.sql(columns.get(old)));
    return new JobDraft(schema, DdlAction.MODIFY_COLUMN, sql)
        .of(table)
        .table(table.info())
        .write(SchemaModel.put(table));
  }

  private static int placeOf(List<ColumnInfo> columns, long id) {
    int place = 0;
    while (columns.get(place).id() != id) {
      place++;
    }
    return place;
  }

  private static ColumnValue converted(ColumnValue number) {
    return number.kind() == ColumnValue.Kind.NULL
        ? number
        : new ColumnValue.Text(ValueText.of(number).getBytes(StandardCharsets.UTF_8));
  }

  private static ColumnSort sort(ColumnInfo column) {
    return ColumnSort.of(column.type());
  }
}
