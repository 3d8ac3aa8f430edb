package org.tidbbinlog.testkit.workload;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.tidbbinlog.codec.row.NewCollations;
import org.tidbbinlog.codec.row.RowEncoder;
import org.tidbbinlog.codec.schema.ColumnFlag;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.IndexInfo;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.codec.value.ValueText;

/**
 * One table and its rows as TiDB would hold them. A row's number is its hidden row id; values are
 * aligned with the columns of {@link #info}, also those that are not public.
 */
final class ModelTable {
  private final TableShape shape;
  private final Map<Long, List<ColumnValue>> rows = new LinkedHashMap<>();
  private final List<Long> rowNumbers = new ArrayList<>();
  private final Map<Long, Integer> placeOfRow = new HashMap<>();
  private final Map<Long, String> oldNames = new HashMap<>();
  private final Set<String> uniqueKeys = new HashSet<>();
  private final Map<Long, List<ColumnValue>> pools = new HashMap<>();
  private ModelDatabase database;
  private TableInfo info;
  private Partitions partitions;
  private RowEncoder encoder;
  private List<List<IndexInfo.IndexColumn>> uniques;
  private long nextRowNumber = 1;
  private Set<Long> leftAlone = Set.of();

  ModelTable(ModelDatabase database, TableShape shape, TableInfo info, Partitions partitions) {
    this.database = database;
    this.shape = shape;
    this.info = info;
    this.partitions = partitions;
    this.encoder = new RowEncoder(info, NewCollations.ON);
    this.uniques = uniques(info);
  }

  ModelDatabase database() {
    return database;
  }

  TableShape shape() {
    return shape;
  }

  TableInfo info() {
    return info;
  }

  RowEncoder encoder() {
    return encoder;
  }

  Partitions partitions() {
    return partitions;
  }

  String name() {
    return info.name().original();
  }

  int size() {
    return rows.size();
  }

  /** A new structure whose columns still are aligned with the rows. */
  void change(TableInfo newInfo) {
    info = newInfo;
    encoder = new RowEncoder(newInfo, NewCollations.ON);
    uniques = uniques(newInfo);
    uniqueKeys.clear();
    rows.values().forEach(row -> uniqueKeys.addAll(keysOf(row)));
  }

  /** Whether the rows that are there would take one more unique key. */
  boolean isUnique(List<IndexInfo.IndexColumn> columns) {
    Set<String> seen = new HashSet<>();
    return rows.values().stream().allMatch(row -> keyOf(columns, row).map(seen::add).orElse(true));
  }

  /** A few values of a column that come again and again; made once. */
  List<ColumnValue> pool(ColumnInfo column, Supplier<List<ColumnValue>> values) {
    return pools.computeIfAbsent(column.id(), id -> values.get());
  }

  void change(TableInfo newInfo, Partitions newPartitions) {
    partitions = newPartitions;
    change(newInfo);
  }

  void moveTo(ModelDatabase newDatabase) {
    database = newDatabase;
  }

  /** Gives every row a value at a new place. */
  void addColumn(TableInfo newInfo, int at, ColumnValue value) {
    rows.replaceAll(
        (number, old) -> {
          List<ColumnValue> wider = new ArrayList<>(old);
          wider.add(at, value);
          return List.copyOf(wider);
        });
    change(newInfo);
  }

  /** Gives every row another value at one place. */
  void setColumn(int at, Function<List<ColumnValue>, ColumnValue> value) {
    rows.replaceAll(
        (number, old) -> {
          List<ColumnValue> changed = new ArrayList<>(old);
          changed.set(at, value.apply(old));
          return List.copyOf(changed);
        });
    change(info);
  }

  /** Puts the columns of every row into another order, or leaves some out. */
  void arrangeColumns(TableInfo newInfo, List<Integer> oldPlaces) {
    rows.replaceAll((number, old) -> oldPlaces.stream().map(old::get).toList());
    change(newInfo);
  }

  /** The same columns in another order or state, or fewer of them; the rows follow. */
  void arrange(List<ColumnInfo> columns) {
    List<Long> ids = info.columns().stream().map(ColumnInfo::id).toList();
    List<Long> newIds = columns.stream().map(ColumnInfo::id).toList();
    int partitionedBy = newIds.indexOf(ids.get(partitions.column()));
    TableInfo newInfo = TableEdit.columns(info, columns);
    arrangeColumns(newInfo, newIds.stream().map(ids::indexOf).toList());
    change(
        newInfo,
        new Partitions(partitions.method(), Math.max(0, partitionedBy), partitions.parts()));
  }

  /** Columns that rows get no values of their own for, until it is said otherwise. */
  void leaveAlone(Set<Long> columnIds) {
    leftAlone = Set.copyOf(columnIds);
  }

  /** Whether a column has what rows get that do not know it. */
  boolean isLeftAlone(ColumnInfo column) {
    return !column.isPublic() || leftAlone.contains(column.id());
  }

  /** The table as it is now, whatever becomes of this one. */
  ModelTable copy() {
    ModelTable copy = new ModelTable(database, shape, info, partitions);
    copy.rows.putAll(rows);
    copy.rowNumbers.addAll(rowNumbers);
    copy.placeOfRow.putAll(placeOfRow);
    copy.oldNames.putAll(oldNames);
    copy.pools.putAll(pools);
    copy.nextRowNumber = nextRowNumber;
    copy.change(info);
    return copy;
  }

  void clear() {
    rows.clear();
    rowNumbers.clear();
    placeOfRow.clear();
    uniqueKeys.clear();
  }

  long nextRowNumber() {
    return nextRowNumber++;
  }

  Optional<Long> anyRow(RandomGenerator random) {
    return rowNumbers.isEmpty()
        ? Optional.empty()
        : Optional.of(rowNumbers.get(random.nextInt(rowNumbers.size())));
  }

  List<Long> rowNumbers() {
    return List.copyOf(rowNumbers);
  }

  boolean has(long number) {
    return rows.containsKey(number);
  }

  List<ColumnValue> row(long number) {
    List<ColumnValue> row = rows.get(number);
    if (row == null) {
      throw new IllegalStateException("no row " + number + " in " + name());
    }
    return row;
  }

  /** True when no other row has one of its unique keys. */
  boolean accepts(List<ColumnValue> row) {
    return keysOf(row).stream().noneMatch(uniqueKeys::contains);
  }

  void insert(long number, List<ColumnValue> row) {
    for (String key : keysOf(row)) {
      if (!uniqueKeys.add(key)) {
        throw new IllegalStateException("duplicate key " + key + " in " + name());
      }
    }
    rows.put(number, List.copyOf(row));
    placeOfRow.put(number, rowNumbers.size());
    rowNumbers.add(number);
  }

  List<ColumnValue> delete(long number) {
    List<ColumnValue> row = row(number);
    rows.remove(number);
    keysOf(row).forEach(uniqueKeys::remove);
    int place = placeOfRow.getOrDefault(number, 0);
    placeOfRow.remove(number);
    long last = rowNumbers.remove(rowNumbers.size() - 1);
    if (last != number) {
      rowNumbers.set(place, last);
      placeOfRow.put(last, place);
    }
    return row;
  }

  /** The row's unique keys, named so that keys of different tables differ. */
  List<String> keysOf(List<ColumnValue> row) {
    List<String> keys = new ArrayList<>(uniques.size());
    for (int i = 0; i < uniques.size(); i++) {
      String name = info.id() + "/" + i;
      keyOf(uniques.get(i), row).ifPresent(key -> keys.add(name + key));
    }
    return keys;
  }

  /** Empty when a value is NULL: such a key is never the same as another. */
  private Optional<String> keyOf(List<IndexInfo.IndexColumn> columns, List<ColumnValue> row) {
    StringBuilder key = new StringBuilder();
    for (IndexInfo.IndexColumn column : columns) {
      ColumnValue value = row.get(column.offset());
      if (value.kind() == ColumnValue.Kind.NULL) {
        return Optional.empty();
      }
      key.append('/').append(keyText(column, value));
    }
    return Optional.of(key.toString());
  }

  private String keyText(IndexInfo.IndexColumn column, ColumnValue value) {
    if (value.kind() != ColumnValue.Kind.TEXT) {
      return ValueText.of(value);
    }
    String text = new String(((ColumnValue.Text) value).utf8(), StandardCharsets.UTF_8);
    int all = text.codePointCount(0, text.length());
    int chars = column.length() == IndexInfo.WHOLE_COLUMN ? all : Math.min(column.length(), all);
    // Keys compare without the blanks at their end, and a prefix may end in one.
    String padded = text.substring(0, text.offsetByCodePoints(0, chars));
    String key = padded.substring(0, lastNonBlank(padded) + 1);
    boolean caseless = info.columns().get(column.offset()).type().collate().endsWith("_ci");
    return caseless ? key.toLowerCase(Locale.ROOT).replace('é', 'e') : key;
  }

  private static int lastNonBlank(String text) {
    int last = text.length() - 1;
    while (last >= 0 && text.charAt(last) == ' ') {
      last--;
    }
    return last;
  }

  private static List<List<IndexInfo.IndexColumn>> uniques(TableInfo info) {
    List<List<IndexInfo.IndexColumn>> uniques = new ArrayList<>();
    if (info.pkIsHandle()) {
      for (ColumnInfo column : info.columns()) {
        if (column.type().has(ColumnFlag.PRIMARY)) {
          uniques.add(
              List.of(
                  new IndexInfo.IndexColumn(
                      column.name(), column.offset(), IndexInfo.WHOLE_COLUMN)));
        }
      }
    }
    info.indexes().stream()
        .filter(IndexInfo::unique)
        .forEach(index -> uniques.add(index.columns()));
    return uniques;
  }

  /** A row on its way to another table, with the name that it keeps. */
  record MovedRow(String name, List<ColumnValue> values) {}

  /** Takes away the rows that lie in a partition, or in a table that has none. */
  List<MovedRow> take(long physicalId) {
    List<MovedRow> taken = new ArrayList<>();
    for (long number : rowNumbers()) {
      if (partitions.physicalId(info.id(), row(number)) == physicalId) {
        String name = rowName(number);
        taken.add(new MovedRow(name, delete(number)));
        oldNames.remove(number);
      }
    }
    return taken;
  }

  void put(List<MovedRow> moved) {
    for (MovedRow row : moved) {
      long number = nextRowNumber();
      insert(number, row.values());
      oldNames.put(number, row.name());
    }
  }

  /** What tells the row from all others, also of other tables. */
  String rowName(long number) {
    String old = oldNames.get(number);
    return old == null ? info.id() + "#" + number : old;
  }

  TruthTable truth() {
    List<ColumnInfo> columns = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < info.columns().size(); i++) {
      ColumnInfo column = info.columns().get(i);
      if (column.isPublic() && !column.isGenerated()) {
        columns.add(column);
        places.add(i);
      }
    }
    List<List<ColumnValue>> truth = new ArrayList<>(rows.size());
    List<String> names = new ArrayList<>(rows.size());
    rows.forEach(
        (number, row) -> {
          truth.add(places.stream().map(row::get).toList());
          names.add(rowName(number));
        });
    return new TruthTable(database.name(), name(), List.copyOf(columns), truth, names);
  }
}
