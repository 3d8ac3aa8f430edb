package org.tidbbinlog.testkit.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.IndexInfo;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;

/**
 * Makes up DDL of columns, indexes and comments. Adding and dropping a column takes several schema
 * versions, and rows are written between them. Source: ddl-meta section 1, mutations section 5.
 */
final class ColumnDdl {
  private static final int MAX_COLUMNS = 200;
  private static final int RENAMED = 1000;

  private final RandomGenerator random;
  private final SchemaModel schema;
  private int names;

  ColumnDdl(RandomGenerator random, SchemaModel schema) {
    this.random = random;
    this.schema = schema;
  }

  /**
   * Adds a column: after the first of the steps rows have it already, after the last all see it.
   *
   * @param rowsBetween makes a transaction over the table
   */
  List<Planned> addColumn(ModelTable table, Planned rowsBetween) {
    long id = table.info().columns().stream().mapToLong(ColumnInfo::id).max().orElse(0) + 1;
    if (table.info().columns().size() >= MAX_COLUMNS) {
      return List.of();
    }
    ColumnInfo column = addable(id);
    int at = random.nextBoolean() ? table.info().columns().size() : 0;
    List<Planned> steps = new ArrayList<>();
    steps.add(
        ts -> {
          schema.advance(2);
          ColumnInfo hidden = ColumnMaker.at(column, 0, SchemaState.WRITE_ONLY);
          int end = table.info().columns().size();
          table.addColumn(
              TableEdit.withColumn(table.info(), end, hidden),
              end,
              ColumnMaker.valueOfOldRows(column));
          return rowsBetween.at(ts);
        });
    steps.add(rowsBetween);
    steps.add(ts -> becomePublic(table, column, at).at(ts));
    return steps;
  }

  /** Nullable without default, or NOT NULL with one that older rows get. */
  ColumnInfo addable(long id) {
    ColumnSort[] sorts = ColumnSort.values();
    while (true) {
      ColumnSort sort = sorts[random.nextInt(sorts.length)];
      Optional<String> text = ColumnMaker.defaultText(sort);
      if (text.isPresent()) {
        return ColumnMaker.withOrigin(ColumnMaker.withDefault(id, "c" + id, sort, text.get()));
      }
      if (random.nextBoolean()) {
        return ColumnMaker.plain(id, "c" + id, sort);
      }
    }
  }

  private Planned becomePublic(ModelTable table, ColumnInfo column, int at) {
    int end = table.info().columns().size() - 1;
    List<Integer> places = new ArrayList<>();
    List<ColumnInfo> columns = new ArrayList<>();
    for (int i = 0; i < end; i++) {
      places.add(i);
      columns.add(table.info().columns().get(i));
    }
    int place = Math.min(at, end);
    places.add(place, end);
    columns.add(place, ColumnMaker.at(column, place, SchemaState.PUBLIC));
    TableInfo info = TableEdit.columns(table.info(), columns);
    Partitions old = table.partitions();
    table.arrangeColumns(info, places);
    table.change(
        info,
        new Partitions(old.method(), old.column() + (place <= old.column() ? 1 : 0), old.parts()));
    schema.advance(1);
    String where = place == end ? "" : " FIRST";
    return alter(DdlAction.ADD_COLUMN, table, "ADD COLUMN " + ColumnMaker.sql(column) + where);
  }

  /** Drops a column; while it is delete-only, rows lack it. */
  List<Planned> dropColumn(ModelTable table, Planned rowsBetween) {
    Optional<Integer> place = ordinary(table, sort -> true);
    if (place.isEmpty()) {
      return List.of();
    }
    ColumnInfo column = table.info().columns().get(place.get());
    String sql =
        "ALTER TABLE %s DROP COLUMN %s;"
            .formatted(Sql.name(table.name()), Sql.name(column.name().original()));
    JobDraft[] job = new JobDraft[1];
    List<Planned> steps = new ArrayList<>();
    steps.add(
        ts -> {
          schema.advance(2);
          table.change(TableEdit.withState(table.info(), place.get(), SchemaState.DELETE_ONLY));
          job[0] =
              new JobDraft(schema, DdlAction.DROP_COLUMN, sql).of(table).endingAs(SchemaState.NONE);
          return job[0].deleteOnly(ts, List.of(SchemaModel.put(table)));
        });
    steps.add(rowsBetween);
    steps.add(rowsBetween);
    steps.add(
        ts -> {
          schema.advance(2);
          remove(table, place.get());
          return job[0].table(table.info()).write(SchemaModel.put(table)).done(ts);
        });
    return steps;
  }

  private static void remove(ModelTable table, int place) {
    List<Integer> places = new ArrayList<>();
    List<ColumnInfo> columns = new ArrayList<>();
    for (int i = 0; i < table.info().columns().size(); i++) {
      if (i != place) {
        places.add(i);
        columns.add(table.info().columns().get(i));
      }
    }
    Partitions old = table.partitions();
    TableInfo info = TableEdit.columns(table.info(), columns);
    table.arrangeColumns(info, places);
    table.change(
        info,
        new Partitions(old.method(), old.column() - (place < old.column() ? 1 : 0), old.parts()));
  }

  /** A column gets another name, and sometimes an integer type of more bytes; no row changes. */
  Optional<Planned> changeColumn(ModelTable table) {
    return ordinary(table, sort -> true)
        .map(
            place -> {
              ColumnInfo old = table.info().columns().get(place);
              String name = "c" + (RENAMED + ++names);
              ColumnInfo named = ColumnMaker.withName(old, name);
              Optional<ColumnSort> wider =
                  random.nextBoolean() ? ColumnSort.of(old.type()).wider() : Optional.empty();
              long flags = old.type().flag();
              ColumnInfo changed =
                  wider
                      .map(sort -> ColumnSort.withFlags(sort.type(), flags))
                      .map(type -> ColumnMaker.withType(named, type))
                      .orElse(named);
              return changed(
                  DdlAction.MODIFY_COLUMN,
                  table,
                  "CHANGE COLUMN %s %s"
                      .formatted(Sql.name(old.name().original()), ColumnMaker.sql(changed)),
                  info -> TableEdit.replaceColumn(info, place, changed));
            });
  }

  /** Over a column whose values are all different; of a partitioned table all keys are local. */
  Optional<Planned> addUnique(ModelTable table) {
    if (table.partitions().method() != Partitions.Method.NONE) {
      return Optional.empty();
    }
    return ordinary(table, ColumnSort::isIndexable)
        .flatMap(
            place -> {
              ColumnInfo column = table.info().columns().get(place);
              IndexInfo.IndexColumn part =
                  new IndexInfo.IndexColumn(column.name(), place, IndexInfo.WHOLE_COLUMN);
              return table.isUnique(List.of(part))
                  ? Optional.of(addIndex(table, part, "UNIQUE INDEX", "uidx_"))
                  : Optional.empty();
            });
  }

  /** Widens a VARCHAR, which changes no row. */
  Optional<Planned> modifyColumn(ModelTable table) {
    return ordinary(table, sort -> sort == ColumnSort.VARCHAR)
        .map(
            place -> {
              ColumnInfo old = table.info().columns().get(place);
              ColumnInfo wider =
                  ColumnMaker.withType(
                      old, ColumnSort.withFlen(old.type(), old.type().flen() + 16));
              return changed(
                  DdlAction.MODIFY_COLUMN,
                  table,
                  "MODIFY COLUMN " + ColumnMaker.sql(wider),
                  info -> TableEdit.replaceColumn(info, place, wider));
            });
  }

  Optional<Planned> setDefault(ModelTable table) {
    return ordinary(table, sort -> sort == ColumnSort.INT || sort == ColumnSort.BIGINT)
        .map(
            place -> {
              String text = Integer.toString(random.nextInt(1000));
              ColumnInfo changed =
                  ColumnMaker.withDefaultText(table.info().columns().get(place), text);
              return changed(
                  DdlAction.SET_DEFAULT_VALUE,
                  table,
                  "ALTER COLUMN %s SET DEFAULT %s"
                      .formatted(Sql.name(changed.name().original()), text),
                  info -> TableEdit.replaceColumn(info, place, changed));
            });
  }

  Optional<Planned> addIndex(ModelTable table) {
    return ordinary(table, ColumnDdl::canBeIndexed)
        .map(
            place -> {
              ColumnInfo column = table.info().columns().get(place);
              IndexInfo.IndexColumn part =
                  new IndexInfo.IndexColumn(column.name(), place, IndexInfo.WHOLE_COLUMN);
              return addIndex(table, part, "INDEX", "idx_");
            });
  }

  private Planned addIndex(
      ModelTable table, IndexInfo.IndexColumn part, String words, String prefix) {
    String name = prefix + ++names;
    long id = table.info().indexes().stream().mapToLong(IndexInfo::id).max().orElse(0) + 1;
    boolean unique = words.startsWith("UNIQUE");
    IndexInfo index =
        new IndexInfo(id, CiName.of(name), List.of(part), SchemaState.PUBLIC, unique, false);
    List<IndexInfo> indexes = new ArrayList<>(table.info().indexes());
    indexes.add(index);
    return changed(
        DdlAction.ADD_INDEX,
        table,
        "ADD %s %s(%s)".formatted(words, Sql.name(name), Sql.name(part.name().original())),
        info -> TableEdit.indexes(info, indexes));
  }

  Optional<Planned> dropIndex(ModelTable table) {
    return table.info().indexes().stream()
        .filter(index -> index.name().lower().contains("idx_"))
        .findFirst()
        .map(
            index -> {
              List<IndexInfo> indexes = new ArrayList<>(table.info().indexes());
              indexes.remove(index);
              return changed(
                  DdlAction.DROP_INDEX,
                  table,
                  "DROP INDEX " + Sql.name(index.name().original()),
                  info -> TableEdit.indexes(info, indexes));
            });
  }

  Planned comment(ModelTable table) {
    String comment = "it's comment " + ++names + "; -- not the end";
    return changed(
        DdlAction.MODIFY_TABLE_COMMENT,
        table,
        "COMMENT = " + Sql.string(comment),
        info -> TableEdit.comment(info, comment));
  }

  private Planned changed(
      DdlAction action, ModelTable table, String words, UnaryOperator<TableInfo> change) {
    return ts -> {
      table.change(change.apply(table.info()));
      schema.advance(1);
      return alter(action, table, words).at(ts);
    };
  }

  private Planned alter(DdlAction action, ModelTable table, String words) {
    String name =
        random.nextBoolean()
            ? Sql.name(table.name())
            : Sql.name(table.database().name(), table.name());
    return new JobDraft(schema, action, "ALTER TABLE " + name + " " + words + ";")
            .of(table)
            .table(table.info())
            .write(SchemaModel.put(table))
        ::done;
  }

  private static boolean canBeIndexed(ColumnSort sort) {
    return switch (sort) {
      case TEXT, BLOB, JSON, BIT_64, BIT_10 -> false;
      default -> true;
    };
  }

  /** Place of some column without a part in keys, whose name is c and a number. */
  private Optional<Integer> ordinary(ModelTable table, Predicate<ColumnSort> wanted) {
    List<Integer> places = ordinary(table);
    places.removeIf(place -> !wanted.test(sort(table, place)));
    return places.size() < 2
        ? Optional.empty()
        : Optional.of(places.get(random.nextInt(places.size())));
  }

  /** Places of all such columns. */
  static List<Integer> ordinary(ModelTable table) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < table.info().columns().size(); i++) {
      ColumnInfo column = table.info().columns().get(i);
      int place = i;
      boolean indexed =
          table.info().indexes().stream()
              .flatMap(index -> index.columns().stream())
              .anyMatch(each -> each.offset() == place);
      if (column.name().lower().matches("c\\d+") && column.isPublic() && !indexed) {
        places.add(i);
      }
    }
    return places;
  }

  static boolean isIndexable(ModelTable table, int place) {
    return canBeIndexed(sort(table, place));
  }

  private static ColumnSort sort(ModelTable table, int place) {
    return ColumnSort.of(table.info().columns().get(place).type());
  }
}
