package org.tidbbinlog.sinks.mysql;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.TableVersion;

/**
 * A table with its true content: columns {@code a int, b int, c varchar, d int}, keys by kind.
 * Changes are random but keep the keys unique, as an upstream would.
 */
final class RandomTable {
  /** The forms keys come in. */
  enum Keys {
    PRIMARY("a int not null, b int, c varchar(20), d int, primary key(a)", 1),
    PRIMARY_AND_UNIQUE(
        "a int not null, b int, c varchar(20), d int, primary key(a), unique key u(b)", 1),
    TWO_UNIQUE(
        "a int not null, b int not null, c varchar(20), d int, unique key u1(a), unique key u2(b)",
        1),
    COMPOSITE("a int not null, b int not null, c varchar(20), d int, primary key(a,b)", 2),
    STRING_CI(
        "a int, b int, c varchar(20) collate utf8mb4_general_ci not null, d int, primary key(c)",
        3),
    NULLABLE_UNIQUE("a int, b int, c varchar(20), d int, unique key u(a)", 0),
    GENERATED_UNIQUE(
        "a int not null, b int, c varchar(20), d int, g int as (b*2) stored, primary key(a),"
            + " unique key u(g)",
        1),
    NONE("a int, b int, c varchar(20), d int", 0);

    final String columns;

    Keys(String columns, int ignored) {
      this.columns = columns;
    }
  }

  private final Keys keys;
  private final Random random;
  private final TableVersion version;
  private final List<Object[]> rows = new ArrayList<>();
  private final int range;

  RandomTable(Keys keys, Random random, String schema, String name) {
    this.keys = keys;
    this.random = random;
    this.version = Upstream.table(schema, name, "a", "b", "c", "d");
    this.range = 4 + random.nextInt(60);
  }

  String create() {
    return "create table " + version.schema() + "." + version.table() + "(" + keys.columns + ")";
  }

  String selectAll() {
    return "select a,b,c,d from " + version.schema() + "." + version.table();
  }

  List<String> expected() {
    List<String> all = new ArrayList<>();
    for (Object[] row : rows) {
      all.add(text(row));
    }
    all.sort(null);
    return all;
  }

  private static String text(Object[] row) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < row.length; i++) {
      text.append(i == 0 ? "" : ",");
      text.append(row[i] == ColumnValue.Null.NULL ? "null" : row[i]);
    }
    return text.toString();
  }

  /** Adds some changes of this table to a transaction. */
  void change(List<RowChange> out) {
    switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> insert(out);
      case 4, 5, 6 -> update(out);
      case 7, 8 -> delete(out);
      default -> swap(out);
    }
  }

  private void insert(List<RowChange> out) {
    Object[] row = randomRow();
    if (fits(row, -1)) {
      rows.add(row);
      out.add(Upstream.insert(version, row));
    }
  }

  private void update(List<RowChange> out) {
    if (rows.isEmpty()) {
      return;
    }
    int index = random.nextInt(rows.size());
    Object[] before = rows.get(index);
    Object[] after = before.clone();
    Object[] other = randomRow();
    int columns = 1 + random.nextInt(2);
    for (int i = 0; i < columns; i++) {
      int column = random.nextInt(4);
      after[column] = other[column];
    }
    replace(out, index, before, after);
  }

  private void replace(List<RowChange> out, int index, Object[] before, Object[] after) {
    if (text(before).equals(text(after)) || !fits(after, index)) {
      return;
    }
    rows.set(index, after);
    if (random.nextInt(4) == 0) {
      out.add(Upstream.delete(version, before));
      out.add(Upstream.insert(version, after));
    } else {
      out.add(
          Upstream.update(
              version, java.util.Arrays.asList(before), java.util.Arrays.asList(after)));
    }
  }

  private void delete(List<RowChange> out) {
    if (!rows.isEmpty()) {
      out.add(Upstream.delete(version, rows.remove(random.nextInt(rows.size()))));
    }
  }

  /** Two rows exchange their unique values by way of a third value. */
  private void swap(List<RowChange> out) {
    if (rows.size() < 2) {
      return;
    }
    int one = random.nextInt(rows.size());
    int two = random.nextInt(rows.size());
    if (one == two) {
      return;
    }
    Object[] first = rows.get(one);
    Object[] second = rows.get(two);
    Object[] parked = with(first, 1, 1000 + random.nextInt(1000));
    if (!fits(parked, one)) {
      return;
    }
    replace(out, one, first, parked);
    replace(out, two, second, with(second, 1, first[1]));
    replace(out, one, rows.get(one), with(rows.get(one), 1, second[1]));
  }

  private static Object[] with(Object[] row, int column, Object value) {
    Object[] copy = row.clone();
    copy[column] = value;
    return copy;
  }

  private Object[] randomRow() {
    boolean nullable = keys == Keys.NULLABLE_UNIQUE || keys == Keys.NONE;
    Object a = nullable && random.nextInt(3) == 0 ? ColumnValue.Null.NULL : random.nextInt(range);
    Object b = random.nextInt(range);
    String c = "k" + random.nextInt(range) + (random.nextInt(4) == 0 ? "é" : "");
    return new Object[] {
      a, b, random.nextBoolean() ? c : c.toUpperCase(Locale.ROOT), random.nextInt(1000)
    };
  }

  private boolean fits(Object[] row, int except) {
    for (int key = 0; key < 2; key++) {
      Set<Object> taken = new HashSet<>();
      for (int i = 0; i < rows.size(); i++) {
        if (i != except) {
          taken.add(keyOf(rows.get(i), key));
        }
      }
      Object mine = keyOf(row, key);
      if (!mine.equals("") && taken.contains(mine)) {
        return false;
      }
    }
    return true;
  }

  /** The value that must be unique, or "" where nothing must. */
  private Object keyOf(Object[] row, int key) {
    return switch (keys) {
      case PRIMARY -> key == 0 ? row[0] : "";
      case PRIMARY_AND_UNIQUE, TWO_UNIQUE, GENERATED_UNIQUE -> row[key];
      case COMPOSITE -> key == 0 ? row[0] + "/" + row[1] : "";
      case STRING_CI ->
          key == 0 ? row[2].toString().toLowerCase(Locale.ROOT).replace('é', 'e') : "";
      case NULLABLE_UNIQUE -> key == 0 && row[0] != ColumnValue.Null.NULL ? row[0] : "";
      case NONE -> "";
    };
  }
}
