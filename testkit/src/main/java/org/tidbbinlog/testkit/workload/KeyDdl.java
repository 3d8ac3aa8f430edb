package org.tidbbinlog.testkit.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.ColumnFlag;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.FieldType;
import org.tidbbinlog.codec.schema.IndexInfo;

/** Makes up DDL of keys that are there: other names, not seen, primary keys without a handle. */
final class KeyDdl {
  private final SchemaModel schema;
  private final RandomGenerator random;
  private int names;

  KeyDdl(RandomGenerator random, SchemaModel schema) {
    this.random = random;
    this.schema = schema;
  }

  Optional<Planned> rename(ModelTable table) {
    return any(table, index -> !index.primary())
        .map(
            old -> {
              // Names of plain keys go on saying so: they may be dropped later.
              String name =
                  (old.name().lower().contains("idx_") ? "again_idx_" : "again_") + ++names;
              List<IndexInfo> indexes = new ArrayList<>(table.info().indexes());
              indexes.set(
                  indexes.indexOf(old),
                  new IndexInfo(
                      old.id(),
                      CiName.of(name),
                      old.columns(),
                      old.state(),
                      old.unique(),
                      old.primary()));
              String words =
                  "RENAME INDEX %s TO %s"
                      .formatted(Sql.name(old.name().original()), Sql.name(name));
              return changed(DdlAction.RENAME_INDEX, table, words, indexes);
            });
  }

  Optional<Planned> visibility(ModelTable table) {
    return any(table, index -> !index.primary())
        .map(
            index ->
                changed(
                    DdlAction.ALTER_INDEX_VISIBILITY,
                    table,
                    "ALTER INDEX %s %s"
                        .formatted(
                            Sql.name(index.name().original()),
                            isPrimaryLike(table, index) || random.nextBoolean()
                                ? "VISIBLE"
                                : "INVISIBLE"),
                    table.info().indexes()));
  }

  /** A key that could be the primary one is never invisible. */
  private static boolean isPrimaryLike(ModelTable table, IndexInfo index) {
    return index.unique()
        && index.columns().stream()
            .map(part -> table.info().columns().get(part.offset()).type())
            .allMatch(type -> type.has(ColumnFlag.NOT_NULL));
  }

  /** DROP INDEX of all that were added, as servers before v6.2 run it. */
  Optional<Planned> dropSeveral(ModelTable table) {
    List<IndexInfo> added =
        table.info().indexes().stream()
            .filter(index -> index.name().lower().contains("idx_"))
            .toList();
    if (added.size() < 2) {
      return Optional.empty();
    }
    List<IndexInfo> rest = new ArrayList<>(table.info().indexes());
    rest.removeAll(added);
    String words =
        added.stream()
            .map(index -> "DROP INDEX " + Sql.name(index.name().original()))
            .collect(Collectors.joining(", "));
    return Optional.of(changed(DdlAction.DROP_INDEXES, table, words, rest));
  }

  /** Rows without a primary key for a while, and with it again if they still fit. */
  List<Planned> dropPrimary(ModelTable table, Planned rows) {
    Optional<IndexInfo> key = any(table, IndexInfo::primary);
    if (key.isEmpty() || table.info().commonHandle() || table.info().pkIsHandle()) {
      return List.of();
    }
    return List.of(
        ts -> {
          List<IndexInfo> indexes = new ArrayList<>(table.info().indexes());
          indexes.remove(key.get());
          flag(table, key.get(), false);
          return changed(DdlAction.DROP_PRIMARY_KEY, table, "DROP PRIMARY KEY", indexes).at(ts);
        },
        rows,
        rows,
        ts -> addPrimary(table, key.get()).orElse(rows).at(ts));
  }

  private Optional<Planned> addPrimary(ModelTable table, IndexInfo key) {
    if (!table.isUnique(key.columns())) {
      return Optional.empty();
    }
    List<IndexInfo> indexes = new ArrayList<>(table.info().indexes());
    indexes.add(key);
    flag(table, key, true);
    String parts =
        key.columns().stream()
            .map(part -> Sql.name(part.name().original()))
            .collect(Collectors.joining(", "));
    String words = "ADD PRIMARY KEY(" + parts + ") /*T![clustered_index] NONCLUSTERED */";
    return Optional.of(changed(DdlAction.ADD_PRIMARY_KEY, table, words, indexes));
  }

  private static void flag(ModelTable table, IndexInfo key, boolean primary) {
    for (IndexInfo.IndexColumn part : key.columns()) {
      ColumnInfo column = table.info().columns().get(part.offset());
      long bit = 1L << ColumnFlag.PRIMARY.ordinal();
      FieldType old = column.type();
      FieldType type =
          new FieldType(
              old.tp(),
              primary ? old.flag() | bit : old.flag() & ~bit,
              old.flen(),
              old.decimal(),
              old.charset(),
              old.collate(),
              old.elems(),
              old.array());
      table.change(
          TableEdit.replaceColumn(table.info(), part.offset(), ColumnMaker.withType(column, type)));
    }
  }

  private Optional<IndexInfo> any(ModelTable table, Predicate<IndexInfo> wanted) {
    List<IndexInfo> found = table.info().indexes().stream().filter(wanted).toList();
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(found.get(random.nextInt(found.size())));
  }

  private Planned changed(
      DdlAction action, ModelTable table, String words, List<IndexInfo> indexes) {
    table.change(TableEdit.indexes(table.info(), indexes));
    schema.advance(1);
    String sql = "ALTER TABLE " + Sql.name(table.name()) + " " + words + ";";
    return new JobDraft(schema, action, sql)
            .of(table)
            .table(table.info())
            .write(SchemaModel.put(table))
        ::done;
  }
}
