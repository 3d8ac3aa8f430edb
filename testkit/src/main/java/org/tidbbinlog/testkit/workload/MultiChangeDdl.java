package org.tidbbinlog.testkit.workload;

import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.ColumnFlag;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.IndexInfo;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.testkit.schema.ColumnDraft;

/**
 * Several changes of one table in one statement, and rows written in each state on the way: first
 * the new columns are hidden and written, then they are there and the old ones are hidden, then the
 * old ones are not written any more, and only behind all that one binlog tells of it. Who does not
 * know yet that the statement is done does not use its columns. Source: ddl-meta section 5.
 */
final class MultiChangeDdl {
  private static final int MAX_COLUMNS = 200;

  private final RandomGenerator random;
  private final SchemaModel schema;
  private final ColumnDdl columns;
  private int names;

  /** What one statement does. */
  private static final class Change {
    final ModelTable table;
    final List<String> words = new ArrayList<>();
    final List<ColumnInfo> added = new ArrayList<>();
    final List<String> addedFirst = new ArrayList<>();
    final List<Long> dropped = new ArrayList<>();
    Optional<IndexInfo> index = Optional.empty();
    long version;

    Change(ModelTable table) {
      this.table = table;
    }

    boolean adds(ColumnInfo column) {
      return added.stream().anyMatch(each -> each.id() == column.id());
    }

    boolean drops(ColumnInfo column) {
      return dropped.contains(column.id());
    }
  }

  MultiChangeDdl(RandomGenerator random, SchemaModel schema, ColumnDdl columns) {
    this.random = random;
    this.schema = schema;
    this.columns = columns;
  }

  /**
   * ALTER TABLE with several clauses, as servers from v6.2 on run it.
   *
   * @param otherDdl of another table, that sometimes ends before the binlog comes
   */
  List<Planned> change(ModelTable table, Planned rows, Planned otherDdl) {
    Change change = new Change(table);
    addColumns(change, random.nextInt(3));
    dropColumns(change, random.nextInt(3));
    if (random.nextBoolean()) {
      addIndex(change);
    }
    if (change.words.size() < 2) {
      return List.of();
    }
    List<Planned> steps = new ArrayList<>(List.of(begin(change, rows), rows));
    steps.add(then(() -> flip(change), rows));
    if (!change.dropped.isEmpty()) {
      steps.add(then(() -> dropped(change, SchemaState.DELETE_ONLY), rows));
      steps.add(then(() -> dropped(change, SchemaState.DELETE_REORG), rows));
      steps.add(then(() -> removed(change), rows));
    }
    if (random.nextInt(3) == 0) {
      steps.add(otherDdl);
      steps.add(rows);
    }
    steps.add(
        ts ->
            end(change, DdlAction.MULTI_SCHEMA_CHANGE, SchemaState.NONE)
                .madeVersion(change.version)
                .done(ts));
    return steps;
  }

  /** ADD COLUMN of several, as servers before v6.2 run it. */
  List<Planned> addColumns(ModelTable table, Planned rows) {
    Change change = new Change(table);
    addColumns(change, 2);
    if (change.words.isEmpty()) {
      return List.of();
    }
    return List.of(
        begin(change, rows),
        rows,
        ts -> {
          flip(change);
          return end(change, DdlAction.ADD_COLUMNS, SchemaState.PUBLIC).done(ts);
        });
  }

  /** DROP COLUMN of several, as servers before v6.2 run it. */
  List<Planned> dropColumns(ModelTable table, Planned rows) {
    Change change = new Change(table);
    dropColumns(change, 2);
    if (change.words.isEmpty()) {
      return List.of();
    }
    JobDraft[] job = new JobDraft[1];
    return List.of(
        then(() -> flip(change), rows),
        ts -> {
          dropped(change, SchemaState.DELETE_ONLY);
          job[0] = end(change, DdlAction.DROP_COLUMNS, SchemaState.NONE);
          return job[0].deleteOnly(ts, List.of(SchemaModel.put(table)));
        },
        rows,
        then(() -> dropped(change, SchemaState.DELETE_REORG), rows),
        ts -> {
          removed(change);
          return job[0].table(table.info()).write(SchemaModel.put(table)).done(ts);
        });
  }

  private static Planned then(Runnable step, Planned rows) {
    return ts -> {
      step.run();
      return rows.at(ts);
    };
  }

  private void addColumns(Change change, int count) {
    List<ColumnInfo> old = change.table.info().columns();
    long id = old.stream().mapToLong(ColumnInfo::id).max().orElse(0);
    for (int i = 0; i < count && old.size() + count < MAX_COLUMNS; i++) {
      ColumnInfo column = columns.addable(++id);
      boolean first = random.nextInt(3) == 0;
      change.added.add(column);
      if (first) {
        change.addedFirst.add(column.name().lower());
      }
      change.words.add("ADD COLUMN " + ColumnMaker.sql(column) + (first ? " FIRST" : ""));
    }
  }

  private void dropColumns(Change change, int count) {
    List<Integer> places = ColumnDdl.ordinary(change.table);
    for (int i = 0; i < count && places.size() > 2; i++) {
      int place = places.remove(random.nextInt(places.size()));
      ColumnInfo column = change.table.info().columns().get(place);
      if (hidden(column).isPresent()) {
        change.dropped.add(column.id());
        change.words.add("DROP COLUMN " + Sql.name(column.name().original()));
      }
    }
  }

  private void addIndex(Change change) {
    ModelTable table = change.table;
    ColumnDdl.ordinary(table).stream()
        .filter(place -> !change.drops(table.info().columns().get(place)))
        .filter(place -> ColumnDdl.isIndexable(table, place))
        .findFirst()
        .ifPresent(
            place -> {
              ColumnInfo column = table.info().columns().get(place);
              IndexInfo.IndexColumn part =
                  new IndexInfo.IndexColumn(column.name(), place, IndexInfo.WHOLE_COLUMN);
              boolean local = table.partitions().method() == Partitions.Method.NONE;
              boolean unique = local && random.nextBoolean() && table.isUnique(List.of(part));
              String name = (unique ? "multi_uidx_" : "multi_idx_") + ++names;
              long id =
                  1 + table.info().indexes().stream().mapToLong(IndexInfo::id).max().orElse(0);
              change.index =
                  Optional.of(
                      new IndexInfo(
                          id,
                          CiName.of(name),
                          List.of(part),
                          SchemaState.WRITE_ONLY,
                          unique,
                          false));
              change.words.add(
                  "ADD %s %s(%s)"
                      .formatted(
                          unique ? "UNIQUE INDEX" : "INDEX",
                          Sql.name(name),
                          Sql.name(column.name().original())));
            });
  }

  /** What is new is written by all, and seen by none. */
  private Planned begin(Change change, Planned rows) {
    return then(
        () -> {
          ModelTable table = change.table;
          for (ColumnInfo column : change.added) {
            int end = table.info().columns().size();
            table.addColumn(
                TableEdit.withColumn(
                    table.info(), end, ColumnMaker.at(column, end, SchemaState.WRITE_ONLY)),
                end,
                ColumnMaker.valueOfOldRows(column));
          }
          change.index.ifPresent(
              index -> {
                List<IndexInfo> indexes = new ArrayList<>(table.info().indexes());
                indexes.add(index);
                table.change(TableEdit.indexes(table.info(), indexes));
              });
          schema.advance(1 + change.words.size());
        },
        rows);
  }

  /** What is new is there, what is old is hidden at the end. */
  private void flip(Change change) {
    ModelTable table = change.table;
    List<ColumnInfo> first = new ArrayList<>();
    List<ColumnInfo> seen = new ArrayList<>();
    List<ColumnInfo> hidden = new ArrayList<>();
    for (ColumnInfo column : table.info().columns()) {
      if (change.drops(column)) {
        hidden.add(hidden(column).orElseThrow());
      } else if (change.adds(column)) {
        ColumnInfo there = ColumnMaker.at(column, 0, SchemaState.PUBLIC);
        boolean atFront = change.addedFirst.contains(column.name().lower());
        (atFront ? first : seen).add(atFront ? 0 : seen.size(), there);
      } else {
        seen.add(column);
      }
    }
    first.addAll(seen);
    first.addAll(hidden);
    table.arrange(first);
    change.index.ifPresent(index -> publish(table, index));
    table.leaveAlone(change.added.stream().map(ColumnInfo::id).collect(Collectors.toSet()));
    change.version = schema.advance(1);
  }

  private static void publish(ModelTable table, IndexInfo index) {
    List<IndexInfo> indexes =
        table.info().indexes().stream()
            .map(
                each ->
                    each.id() == index.id()
                        ? new IndexInfo(
                            each.id(),
                            each.name(),
                            each.columns(),
                            SchemaState.PUBLIC,
                            each.unique(),
                            each.primary())
                        : each)
            .toList();
    table.change(TableEdit.indexes(table.info(), indexes));
  }

  private void dropped(Change change, SchemaState state) {
    ModelTable table = change.table;
    table.arrange(
        table.info().columns().stream()
            .map(column -> change.drops(column) ? ColumnMaker.at(column, 0, state) : column)
            .toList());
    schema.advance(1);
  }

  private void removed(Change change) {
    ModelTable table = change.table;
    table.arrange(table.info().columns().stream().filter(column -> !change.drops(column)).toList());
    schema.advance(1);
  }

  private JobDraft end(Change change, DdlAction action, SchemaState state) {
    ModelTable table = change.table;
    table.leaveAlone(Set.of());
    String name =
        random.nextBoolean()
            ? Sql.name(table.name())
            : Sql.name(table.database().name(), table.name());
    String sql = "ALTER TABLE " + name + " " + String.join(", ", change.words) + ";";
    return new JobDraft(schema, action, sql)
        .of(table)
        .table(table.info())
        .endingAs(state)
        .write(SchemaModel.put(table));
  }

  /**
   * A column on its way out, as rows are given it that do not know it any more: one that must not
   * be NULL gets a value. Empty for types that this does not know the value of.
   */
  private static Optional<ColumnInfo> hidden(ColumnInfo column) {
    ColumnInfo gone = ColumnMaker.at(column, 0, SchemaState.WRITE_ONLY);
    if (!column.originDefault().isNull() || !column.type().has(ColumnFlag.NOT_NULL)) {
      return Optional.of(gone);
    }
    Optional<String> zero =
        column.defaultValue().isNull()
            ? zero(ColumnSort.of(column.type()))
            : Optional.of(column.defaultValue().asText());
    return zero.map(text -> ColumnDraft.of(gone).originDefault(TextNode.valueOf(text)).done());
  }

  private static Optional<String> zero(ColumnSort sort) {
    return switch (sort) {
      case TINYINT,
          TINYINT_UNSIGNED,
          SMALLINT,
          MEDIUMINT,
          INT,
          INT_UNSIGNED,
          BIGINT,
          BIGINT_UNSIGNED,
          FLOAT,
          DOUBLE,
          DECIMAL,
          DECIMAL_WIDE ->
          Optional.of("0");
      case CHAR, VARCHAR, VARCHAR_CI, VARCHAR_UNICODE, TEXT -> Optional.of("");
      case DATE, DATETIME -> Optional.of("0000-00-00 00:00:00");
      default -> Optional.empty();
    };
  }
}
