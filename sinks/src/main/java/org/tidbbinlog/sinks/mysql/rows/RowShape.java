package org.tidbbinlog.sinks.mysql.rows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Columns;
import org.tidbbinlog.sinks.mysql.target.TargetColumn;
import org.tidbbinlog.sinks.mysql.target.TargetTable;
import org.tidbbinlog.sinks.mysql.target.UniqueKey;

/**
 * How row images of one upstream column list map to one target table: which values are written, and
 * where each unique key's values stand. Names are compared without case. Made once per column list.
 *
 * @param written indexes into the image, in the order of the column names
 * @param names quoted names of the written columns, same order
 * @param compared positions in {@code written} and {@code names} of what tells rows apart that no
 *     key finds
 * @param columns target column of every image index
 * @param keys the target's unique keys as positions in the image
 * @param identity the key that finds a row, if there is one whose columns are never NULL
 */
public record RowShape(
    TargetTable table,
    int[] written,
    String[] names,
    int[] compared,
    TargetColumn[] columns,
    List<KeyShape> keys,
    Optional<KeyShape> identity) {

  /**
   * One unique key.
   *
   * @param indexes positions in the image; empty when the image lacks one of its columns
   * @param prefixes characters that count, {@link UniqueKey#WHOLE} for all
   */
  public record KeyShape(UniqueKey key, int ordinal, int[] indexes, int[] prefixes) {
    /** The image does not hold all values of this key: generated columns, expressions. */
    public boolean isUnknown() {
      return indexes.length == 0;
    }
  }

  /** The very same shape: they are shared. */
  @SuppressWarnings("ReferenceEquality")
  boolean is(RowShape other) {
    return this == other;
  }

  /** Whether statements for both name the same columns of the table. */
  public boolean hasSameColumns(RowShape other) {
    return is(other) || Arrays.equals(names, other.names);
  }

  static RowShape of(TargetTable table, List<ColumnInfo> upstream, Columns mode) {
    int count = upstream.size();
    TargetColumn[] columns = new TargetColumn[count];
    List<Integer> written = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      columns[i] = table.column(upstream.get(i).name().original());
      boolean unknownButWanted =
          mode == Columns.FULL && columns[i].source() == TargetColumn.Source.MISSING;
      if (!upstream.get(i).isGenerated() && (columns[i].isWritten() || unknownButWanted)) {
        written.add(i);
      }
    }
    written.sort(Comparator.comparing(i -> upstream.get(i).name().original()));
    String[] names = new String[written.size()];
    for (int i = 0; i < names.length; i++) {
      TargetColumn column = columns[written.get(i)];
      names[i] =
          SqlText.name(
              column.isWritten() ? column.name() : upstream.get(written.get(i)).name().original());
    }
    if (mode == Columns.PARTIAL) {
      requireKeyColumns(table, upstream);
    }
    List<KeyShape> keys = keys(table, upstream);
    Optional<KeyShape> identity = keys.stream().filter(key -> isIdentity(table, key)).findFirst();
    int[] indexes = written.stream().mapToInt(Integer::intValue).toArray();
    int[] compared = IntStream.range(0, indexes.length).toArray();
    return new RowShape(table, indexes, names, compared, columns, keys, identity);
  }

  /**
   * Rows that no key finds are told apart without some columns.
   *
   * @param leaving quoted names in lower case
   */
  public RowShape comparedWithout(Set<String> leaving) {
    int[] rest =
        Arrays.stream(compared)
            .filter(i -> !leaving.contains(names[i].toLowerCase(Locale.ROOT)))
            .toArray();
    return rest.length == 0 || rest.length == compared.length
        ? this
        : new RowShape(table, written, names, rest, columns, keys, identity);
  }

  /** Whether rows that no key finds are told apart by the same columns in both. */
  public boolean isComparedLike(RowShape other) {
    return is(other) || comparedNames().equals(other.comparedNames());
  }

  private List<String> comparedNames() {
    return Arrays.stream(compared).mapToObj(i -> names[i]).toList();
  }

  /**
   * A key of the target with a column that upstream lacks and nothing fills: all rows would have
   * one key, and each would replace the one before it.
   */
  private static void requireKeyColumns(TargetTable table, List<ColumnInfo> upstream) {
    for (UniqueKey key : table.uniqueKeys()) {
      for (UniqueKey.Part part : key.parts()) {
        boolean unfilled =
            table.column(part.column()).needsValue() && indexOf(upstream, part.column()) < 0;
        if (unfilled) {
          throw new OperatorException(
              "table "
                  + table.quotedName()
                  + " of the target has the column "
                  + SqlText.name(part.column())
                  + " in its key "
                  + key.name()
                  + ", and upstream's rows do not: give the column a default or AUTO_INCREMENT"
                  + " there, or take it out of the key");
        }
      }
    }
  }

  private static boolean isIdentity(TargetTable table, KeyShape key) {
    return !key.isUnknown()
        && key.key().parts().stream()
            .allMatch(
                part ->
                    part.prefix() == UniqueKey.WHOLE && table.column(part.column()).isNotNull());
  }

  private static List<KeyShape> keys(TargetTable table, List<ColumnInfo> upstream) {
    List<KeyShape> shapes = new ArrayList<>();
    for (UniqueKey key : table.uniqueKeys()) {
      int[] indexes = new int[key.parts().size()];
      int[] prefixes = new int[indexes.length];
      boolean complete = true;
      for (int i = 0; i < indexes.length; i++) {
        UniqueKey.Part part = key.parts().get(i);
        indexes[i] = indexOf(upstream, part.column());
        prefixes[i] = part.prefix();
        complete &= indexes[i] >= 0 && table.column(part.column()).isWritten();
      }
      shapes.add(new KeyShape(key, shapes.size(), complete ? indexes : new int[0], prefixes));
    }
    return List.copyOf(shapes);
  }

  private static int indexOf(List<ColumnInfo> upstream, String column) {
    String lower = column.toLowerCase(Locale.ROOT);
    for (int i = 0; i < upstream.size(); i++) {
      boolean same = upstream.get(i).name().lower().equals(lower);
      if (same && !upstream.get(i).isGenerated()) {
        return i;
      }
    }
    return -1;
  }
}
