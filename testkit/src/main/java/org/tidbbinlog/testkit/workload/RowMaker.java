package org.tidbbinlog.testkit.workload;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.tidbbinlog.codec.schema.ColumnFlag;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.IndexInfo;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.value.ColumnValue;

/** Makes up rows that a table would take, unique keys aside. */
final class RowMaker {
  private static final int NULL_PERCENT = 15;
  private static final int KEY_RANGE = 100_000;
  private static final int ATTEMPTS = 5;
  private static final int POOL = 20;
  private static final int FEW = 60;
  private static final int NEAR = 8;

  /** Names of columns that keys of {@link TableShape#NEAR_KEY} are made of. */
  private static final Set<String> NEAR_KEYS = Set.of("v", "w", "a");

  private final RandomGenerator random;

  RowMaker(RandomGenerator random) {
    this.random = random;
  }

  List<ColumnValue> row(ModelTable table) {
    List<ColumnValue> row = new ArrayList<>();
    for (int i = 0; i < table.info().columns().size(); i++) {
      row.add(value(table, i));
    }
    return withGenerated(table.info(), row);
  }

  /** The row with one to three ordinary columns changed. */
  List<ColumnValue> changed(ModelTable table, List<ColumnValue> row) {
    List<Integer> places =
        table.shape() == TableShape.NEAR_KEY ? nearKeys(table) : places(table, false);
    return places.isEmpty() ? row : changed(table, row, places, 1 + random.nextInt(3));
  }

  /** The row with its key columns changed, some or all. */
  List<ColumnValue> rekeyed(ModelTable table, List<ColumnValue> row) {
    List<Integer> places = places(table, true);
    return places.isEmpty() ? row : changed(table, row, places, 1 + random.nextInt(2));
  }

  /** Places of each unique key's columns, of those that are not generated and no partition's. */
  List<List<Integer>> changeableKeys(ModelTable table) {
    return table.info().indexes().stream()
        .filter(IndexInfo::unique)
        .map(index -> index.columns().stream().map(IndexInfo.IndexColumn::offset).toList())
        .filter(
            places ->
                places.stream()
                    .noneMatch(
                        place ->
                            isPartitioning(table, place)
                                || table.info().columns().get(place).isGenerated()))
        .toList();
  }

  /** The row with other values at some places, such that no key is taken, if chance finds them. */
  List<ColumnValue> elsewhere(ModelTable table, List<ColumnValue> row, List<Integer> places) {
    List<ColumnValue> moved = row;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      List<ColumnValue> other = new ArrayList<>(row);
      places.forEach(place -> other.set(place, value(table, place)));
      moved = withGenerated(table.info(), other);
      if (table.accepts(moved)) {
        return moved;
      }
    }
    return moved;
  }

  private List<ColumnValue> changed(
      ModelTable table, List<ColumnValue> row, List<Integer> places, int times) {
    List<ColumnValue> changed = new ArrayList<>(row);
    for (int i = 0; i < times; i++) {
      int place = places.get(random.nextInt(places.size()));
      changed.set(place, value(table, place));
    }
    return withGenerated(table.info(), changed);
  }

  private static List<Integer> places(ModelTable table, boolean keys) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < table.info().columns().size(); i++) {
      ColumnInfo column = table.info().columns().get(i);
      if (!table.isLeftAlone(column) && !column.isGenerated() && isKey(table, i) == keys) {
        places.add(i);
      }
    }
    return places;
  }

  private static boolean isNearKey(ModelTable table, int place) {
    return NEAR_KEYS.contains(table.info().columns().get(place).name().lower());
  }

  private static List<Integer> nearKeys(ModelTable table) {
    return IntStream.range(0, table.info().columns().size())
        .filter(place -> isNearKey(table, place))
        .boxed()
        .toList();
  }

  static boolean isKey(ModelTable table, int place) {
    ColumnInfo column = table.info().columns().get(place);
    return column.type().has(ColumnFlag.PRIMARY)
        || isPartitioning(table, place)
        || table.info().indexes().stream()
            .filter(index -> index.unique())
            .flatMap(index -> index.columns().stream())
            .anyMatch(each -> each.offset() == place);
  }

  static boolean isPartitioning(ModelTable table, int place) {
    return table.partitions().method() != Partitions.Method.NONE
        && table.partitions().column() == place;
  }

  private ColumnValue value(ModelTable table, int place) {
    ColumnInfo column = table.info().columns().get(place);
    if (table.isLeftAlone(column)) {
      return ColumnMaker.valueOfOldRows(column);
    }
    if (column.isGenerated()) {
      return ColumnValue.Null.NULL;
    }
    if (!column.type().has(ColumnFlag.NOT_NULL) && random.nextInt(100) < NULL_PERCENT) {
      return ColumnValue.Null.NULL;
    }
    if (table.partitions().method() == Partitions.Method.RANGE && isPartitioning(table, place)) {
      long end = table.partitions().end();
      return new ColumnValue.Signed(random.nextLong(end - 2L * TableMaker.RANGE_WIDTH, end));
    }
    ColumnSort sort = ColumnSort.of(column.type());
    if (table.shape() == TableShape.GENERATED_KEY && column.name().lower().equals("a")) {
      return new ColumnValue.Signed(random.nextInt(FEW));
    }
    if (table.shape() == TableShape.NEAR_KEY && isNearKey(table, place)) {
      return sort == ColumnSort.SMALLINT
          ? new ColumnValue.Signed(random.nextInt(NEAR))
          : RandomValues.nearText(random, sort);
    }
    return isKey(table, place) ? keyValue(table, column, sort) : sort.random(random);
  }

  /** Half of the values of keys are of a few, so that rows get in each other's way. */
  private ColumnValue keyValue(ModelTable table, ColumnInfo column, ColumnSort sort) {
    if (random.nextBoolean()) {
      return keyValue(sort);
    }
    List<ColumnValue> pool =
        table.pool(
            column,
            () -> Stream.generate(() -> keyValue(sort)).limit(1 + random.nextInt(POOL)).toList());
    return pool.get(random.nextInt(pool.size()));
  }

  private ColumnValue keyValue(ColumnSort sort) {
    return switch (sort) {
      case VARCHAR ->
          new ColumnValue.Text(
              Integer.toString(random.nextInt(KEY_RANGE), Character.MAX_RADIX)
                  .concat(random.nextBoolean() ? "" : " 世")
                  .getBytes(StandardCharsets.UTF_8));
      case INT -> new ColumnValue.Signed(random.nextInt(KEY_RANGE));
      case BIGINT ->
          new ColumnValue.Signed(
              random.nextInt(50) == 0
                  ? RandomValues.integer(random, 64)
                  : random.nextInt(KEY_RANGE));
      case BIGINT_UNSIGNED ->
          new ColumnValue.Unsigned(
              random.nextInt(4) == 0 ? -1L - random.nextInt(KEY_RANGE) : random.nextInt(KEY_RANGE));
      default -> sort.random(random);
    };
  }

  /** Computes {@code `a`+1} and {@code `a`*2}, the two expressions there are. */
  private static List<ColumnValue> withGenerated(TableInfo info, List<ColumnValue> row) {
    for (int i = 0; i < row.size(); i++) {
      String expr = info.columns().get(i).generatedExpr();
      if (!expr.isEmpty()) {
        row.set(i, generated(expr, row.get(placeOf(info, "a"))));
      }
    }
    return List.copyOf(row);
  }

  private static int placeOf(TableInfo info, String name) {
    int place = 0;
    while (!info.columns().get(place).name().lower().equals(name)) {
      place++;
    }
    return place;
  }

  private static ColumnValue generated(String expr, ColumnValue a) {
    if (a.kind() == ColumnValue.Kind.NULL) {
      return a;
    }
    long value = ((ColumnValue.Signed) a).value();
    return new ColumnValue.Signed(expr.endsWith("+1") ? value + 1 : value * 2);
  }
}
