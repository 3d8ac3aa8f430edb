package org.tidbbinlog.testkit.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.FieldType;
import org.tidbbinlog.codec.schema.IndexInfo;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.testkit.schema.TableDraft;

/** Makes up tables of a shape: their structure and the CREATE TABLE that TiDB would print. */
final class TableMaker {
  private static final int HASH_PARTS = 4;
  private static final int RANGE_PARTS = 3;
  static final int RANGE_WIDTH = 100;
  private static final int PREFIX_CHARS = 4;

  private final RandomGenerator random;
  private final LongSupplier ids;
  private final List<ColumnInfo> columns = new ArrayList<>();
  private final List<IndexInfo> indexes = new ArrayList<>();
  private final List<String> keyWords = new ArrayList<>();
  private String partitionWords = "";
  private Partitions partitions = Partitions.NONE;
  private boolean pkIsHandle;
  private boolean commonHandle;

  /** A made-up table. */
  record Made(ModelTable table, String sql) {}

  TableMaker(RandomGenerator random, LongSupplier ids) {
    this.random = random;
    this.ids = ids;
  }

  /** Once an object. */
  Made make(ModelDatabase database, String name, TableShape shape, String nameInSql) {
    long id = ids.getAsLong();
    shapeColumns(shape);
    int more = 2 + random.nextInt(shape == TableShape.WIDE ? 150 : 5);
    for (int i = 0; i < more; i++) {
      columns.add(anyColumn(columns.size() + 1));
    }
    TableInfo bare =
        TableDraft.plain(id, name, columns)
            .indexes(indexes)
            .pkIsHandle(pkIsHandle)
            .commonHandle(commonHandle)
            .partition(partitions.toInfo(columns.get(partitions.column()).name().original()))
            .done();
    TableInfo info = TableEdit.columns(bare, columns);
    return new Made(new ModelTable(database, shape, info, partitions), sql(nameInSql));
  }

  private void shapeColumns(TableShape shape) {
    switch (shape) {
      case INT_KEY -> intKey(ColumnSort.BIGINT);
      case UNSIGNED_KEY -> intKey(ColumnSort.BIGINT_UNSIGNED);
      case STRING_KEY -> clustered(List.of(key("k", ColumnSort.VARCHAR)), 0);
      case COMPOSITE_KEY ->
          clustered(
              List.of(
                  key("k1", ColumnSort.VARCHAR),
                  key("k2", ColumnSort.BIGINT),
                  key("k3", ColumnSort.DATETIME)),
              PREFIX_CHARS);
      case NONCLUSTERED_KEY -> {
        key("a", ColumnSort.VARCHAR);
        key("b", ColumnSort.INT);
        index("PRIMARY", "PRIMARY KEY", 2, 0, "/*T![clustered_index] NONCLUSTERED */");
        nullableKey("c", ColumnSort.INT);
        nullableKey("d", ColumnSort.VARCHAR);
        index("u1", "UNIQUE `u1`", 2, 2, "");
      }
      case UNIQUE_NULLABLE -> {
        nullableKey("a", ColumnSort.INT);
        nullableKey("b", ColumnSort.INT);
        index("u1", "UNIQUE `u1`", 2, 0, "");
      }
      case NO_KEY -> nullableKey("a", ColumnSort.INT);
      case SWAPPED_UNIQUE -> {
        intKey(ColumnSort.BIGINT);
        nullableKey("u", ColumnSort.INT);
        index("u1", "UNIQUE `u1`", 1, 1, "");
      }
      case HASH_PARTITIONS -> {
        intKey(ColumnSort.BIGINT);
        hashPartitions();
      }
      case RANGE_PARTITIONS -> {
        columns.add(ColumnMaker.notNull(1, "r", ColumnSort.INT));
        rangePartitions();
      }
      case TYPED_KEY -> typedKey();
      case CASELESS_KEY -> caselessKey();
      case NEAR_KEY -> nearKey();
      case MANY_UNIQUES -> manyUniques();
      case GENERATED_KEY -> {
        intKey(ColumnSort.BIGINT);
        columns.add(ColumnMaker.plain(2, "a", ColumnSort.SMALLINT));
        columns.add(ColumnMaker.generated(3, "g1", "`a`+1", false));
        columns.add(ColumnMaker.generated(4, "g2", "`a`*2", true));
        index("u1", "UNIQUE `u1`", 1, 2 + random.nextInt(2), "");
      }
      case KEYED_RANGES -> {
        columns.add(ColumnMaker.primary(1, "r", ColumnSort.INT));
        key("id", ColumnSort.BIGINT);
        if (random.nextBoolean()) {
          clustered(List.of("r", "id"), 0);
        } else {
          index("PRIMARY", "PRIMARY KEY", 2, 0, "/*T![clustered_index] NONCLUSTERED */");
        }
        rangePartitions();
      }
      case WIDE -> intKey(ColumnSort.BIGINT);
      case GENERATED -> {
        intKey(ColumnSort.BIGINT);
        columns.add(ColumnMaker.plain(2, "a", ColumnSort.SMALLINT));
        columns.add(ColumnMaker.generated(3, "g1", "`a`+1", false));
        columns.add(ColumnMaker.generated(4, "g2", "`a`*2", true));
      }
    }
  }

  private void typedKey() {
    int width = 1 + random.nextInt(3);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < width; i++) {
      names.add(key("k" + i, keySort()));
    }
    FieldType only = columns.get(0).type();
    if (random.nextBoolean()) {
      index("PRIMARY", "PRIMARY KEY", width, 0, "/*T![clustered_index] NONCLUSTERED */");
    } else if (width == 1 && ColumnSort.of(only).isHandle()) {
      pkIsHandle = true;
      keyWords.add("PRIMARY KEY(`k0`)");
    } else {
      clustered(names, 0);
    }
  }

  /** One whose texts the encoder knows the sort keys of, and that is not NULL by its words. */
  private ColumnSort keySort() {
    ColumnSort[] sorts = ColumnSort.values();
    while (true) {
      ColumnSort sort = sorts[random.nextInt(sorts.length)];
      boolean excluded = sort == ColumnSort.TIMESTAMP_3 || sort == ColumnSort.VARCHAR_UNICODE;
      if (sort.isIndexable() && !excluded) {
        return sort;
      }
    }
  }

  private void caselessKey() {
    key("k", random.nextBoolean() ? ColumnSort.VARCHAR_CI : ColumnSort.VARCHAR_UNICODE);
    boolean ascii = ColumnSort.of(columns.get(0).type()) == ColumnSort.VARCHAR_CI;
    if (ascii && random.nextBoolean()) {
      clustered(List.of("k"), 0);
    } else {
      index("PRIMARY", "PRIMARY KEY", 1, 0, "/*T![clustered_index] NONCLUSTERED */");
    }
    nullableKey("v", ColumnSort.VARCHAR_UNICODE);
    nullableKey("w", ColumnSort.TINYINT);
    index("u1", "UNIQUE `u1`", 1 + random.nextInt(2), 1, "");
  }

  private void nearKey() {
    intKey(ColumnSort.BIGINT);
    if (random.nextInt(4) == 0) {
      columns.add(ColumnMaker.plain(2, "a", ColumnSort.SMALLINT));
      columns.add(ColumnMaker.generated(3, "g1", "`a`+1", random.nextBoolean()));
      index("u1", "UNIQUE `u1`", 1, 2, "");
      return;
    }
    nullableKey("v", random.nextBoolean() ? ColumnSort.VARCHAR_CI : ColumnSort.VARCHAR_UNICODE);
    index("u1", "UNIQUE `u1`", 1, 1, "");
    if (random.nextInt(3) == 0) {
      nullableKey("w", ColumnSort.VARCHAR);
      index("u2", "UNIQUE `u2`", 1, 2, "");
    }
  }

  private void manyUniques() {
    if (random.nextBoolean()) {
      intKey(ColumnSort.BIGINT);
    }
    int from = columns.size();
    for (int i = 0; i < 4; i++) {
      String name = "u" + i;
      int id = columns.size() + 1;
      ColumnSort sort = random.nextBoolean() ? ColumnSort.TINYINT : keySort();
      columns.add(
          random.nextInt(3) == 0
              ? ColumnMaker.notNull(id, name, sort)
              : ColumnMaker.plain(id, name, sort));
    }
    columns.add(ColumnMaker.plain(columns.size() + 1, "p", ColumnSort.VARCHAR));
    index("u1", "UNIQUE `u1`", 1, from, "");
    index("u2", "UNIQUE `u2`", 2, from + 1, "");
    index("u3", "UNIQUE `u3`", 2, from + 2, "");
    prefixIndex("u4", from + 4, 2);
  }

  private void prefixIndex(String name, int place, int chars) {
    ColumnInfo column = columns.get(place);
    indexes.add(
        new IndexInfo(
            indexes.size() + 1,
            CiName.of(name),
            List.of(new IndexInfo.IndexColumn(column.name(), place, chars)),
            SchemaState.PUBLIC,
            true,
            false));
    keyWords.add(
        "UNIQUE %s(%s(%d))".formatted(Sql.name(name), Sql.name(column.name().original()), chars));
  }

  private void intKey(ColumnSort sort) {
    key("id", sort);
    pkIsHandle = true;
    keyWords.add("PRIMARY KEY(`id`)");
  }

  private String key(String name, ColumnSort sort) {
    columns.add(ColumnMaker.primary(columns.size() + 1, name, sort));
    return name;
  }

  private void nullableKey(String name, ColumnSort sort) {
    columns.add(ColumnMaker.plain(columns.size() + 1, name, sort));
  }

  private void clustered(List<String> names, int prefixOfFirst) {
    commonHandle = true;
    List<IndexInfo.IndexColumn> keys = new ArrayList<>();
    List<String> words = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      boolean cut = i == 0 && prefixOfFirst > 0;
      int length = cut ? prefixOfFirst : IndexInfo.WHOLE_COLUMN;
      keys.add(new IndexInfo.IndexColumn(CiName.of(names.get(i)), i, length));
      words.add(Sql.name(names.get(i)) + (cut ? "(" + prefixOfFirst + ")" : ""));
    }
    indexes.add(new IndexInfo(1, CiName.of("PRIMARY"), keys, SchemaState.PUBLIC, true, true));
    keyWords.add(
        "PRIMARY KEY(" + String.join(", ", words) + ") /*T![clustered_index] CLUSTERED */");
  }

  private void index(String name, String words, int width, int from, String comment) {
    List<IndexInfo.IndexColumn> keys = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (int i = from; i < from + width; i++) {
      keys.add(new IndexInfo.IndexColumn(columns.get(i).name(), i, IndexInfo.WHOLE_COLUMN));
      names.add(Sql.name(columns.get(i).name().original()));
    }
    boolean primary = name.equals("PRIMARY");
    indexes.add(
        new IndexInfo(
            indexes.size() + 1, CiName.of(name), keys, SchemaState.PUBLIC, true, primary));
    keyWords.add((words + "(" + String.join(", ", names) + ") " + comment).strip());
  }

  private void hashPartitions() {
    List<Partitions.Part> parts = new ArrayList<>();
    for (int i = 0; i < HASH_PARTS; i++) {
      parts.add(new Partitions.Part(ids.getAsLong(), "p" + i, 0));
    }
    partitions = new Partitions(Partitions.Method.HASH, 0, parts);
    partitionWords = " PARTITION BY HASH (`id`) PARTITIONS " + HASH_PARTS;
  }

  private void rangePartitions() {
    List<Partitions.Part> parts = new ArrayList<>();
    List<String> words = new ArrayList<>();
    for (int i = 0; i < RANGE_PARTS; i++) {
      Partitions.Part part = new Partitions.Part(ids.getAsLong(), "p" + i, (i + 1L) * RANGE_WIDTH);
      parts.add(part);
      words.add(partitionWords(part));
    }
    partitions = new Partitions(Partitions.Method.RANGE, 0, parts);
    partitionWords = " PARTITION BY RANGE (`r`) (" + String.join(",", words) + ")";
  }

  static String partitionWords(Partitions.Part part) {
    return "PARTITION " + Sql.name(part.name()) + " VALUES LESS THAN (" + part.lessThan() + ")";
  }

  /** An ordinary column: nullable, NOT NULL, or NOT NULL with a default. */
  ColumnInfo anyColumn(long id) {
    ColumnSort[] sorts = ColumnSort.values();
    ColumnSort sort = sorts[random.nextInt(sorts.length)];
    String name = "c" + id;
    Optional<String> text = ColumnMaker.defaultText(sort);
    if (text.isPresent() && random.nextInt(3) == 0) {
      return ColumnMaker.withDefault(id, name, sort, text.get());
    }
    return sort != ColumnSort.TIMESTAMP_3 && random.nextInt(4) == 0
        ? ColumnMaker.notNull(id, name, sort)
        : ColumnMaker.plain(id, name, sort);
  }

  private String sql(String nameInSql) {
    List<String> parts = new ArrayList<>();
    columns.forEach(column -> parts.add(ColumnMaker.sql(column)));
    parts.addAll(keyWords);
    return "CREATE TABLE "
        + nameInSql
        + " ("
        + String.join(",", parts)
        + ")"
        + partitionWords
        + ";";
  }
}
