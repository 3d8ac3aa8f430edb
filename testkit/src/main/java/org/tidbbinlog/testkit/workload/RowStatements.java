package org.tidbbinlog.testkit.workload;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.mutation.PrewriteValueBuilder;
import org.tidbbinlog.codec.value.ColumnValue;

/**
 * The statements of one transaction: each changes the model and writes its rows into the prewrite
 * value in the order TiDB would. Can be undone as a whole. Source: mutations sections 2 to 6.
 */
final class RowStatements {
  private final RandomGenerator random;
  private final RowMaker maker;
  private final PrewriteValueBuilder value;
  private final Deque<Runnable> undo = new ArrayDeque<>();
  private final Set<String> touched = new LinkedHashSet<>();
  private final List<WorkloadStep.RowTouch> rows = new ArrayList<>();
  private Payload primaryKey = Payload.ABSENT;

  RowStatements(RandomGenerator random, long schemaVersion) {
    this.random = random;
    this.maker = new RowMaker(random);
    this.value = new PrewriteValueBuilder(schemaVersion);
  }

  boolean isEmpty() {
    return value.isEmpty();
  }

  Payload prewriteValue() {
    return Payload.of(value.toBytes());
  }

  /** Key of the first changed record. */
  Payload primaryKey() {
    return primaryKey;
  }

  Set<String> touched() {
    return touched;
  }

  List<WorkloadStep.RowTouch> rows() {
    return rows;
  }

  void undo() {
    undo.forEach(Runnable::run);
    undo.clear();
  }

  void insert(ModelTable table) {
    List<ColumnValue> row = maker.row(table);
    if (table.accepts(row)) {
      add(table, table.nextRowNumber(), row);
    }
  }

  /** A row like another one, where nothing forbids it. */
  void insertCopy(ModelTable table) {
    table
        .anyRow(random)
        .map(table::row)
        .filter(table::accepts)
        .ifPresent(row -> add(table, table.nextRowNumber(), row));
  }

  void insertAndDelete(ModelTable table) {
    List<ColumnValue> row = maker.row(table);
    if (table.accepts(row)) {
      long number = table.nextRowNumber();
      add(table, number, row);
      remove(table, number);
    }
  }

  void delete(ModelTable table) {
    table.anyRow(random).ifPresent(number -> remove(table, number));
  }

  void update(ModelTable table) {
    table
        .anyRow(random)
        .ifPresent(number -> change(table, number, maker.changed(table, table.row(number))));
  }

  void updateKey(ModelTable table) {
    table
        .anyRow(random)
        .ifPresent(number -> change(table, number, maker.rekeyed(table, table.row(number))));
  }

  /** REPLACE: the old row goes, a new one with the same keys comes. */
  void replace(ModelTable table) {
    table
        .anyRow(random)
        .ifPresent(
            number -> {
              List<ColumnValue> old = table.row(number);
              List<ColumnValue> row = maker.changed(table, old);
              remove(table, number);
              // A changed column may be what a generated one in a key is made from.
              add(table, table.nextRowNumber(), table.accepts(row) ? row : old);
            });
  }

  /**
   * Some rows hand the values of a unique key on to one another, over one that is parked at other
   * values meanwhile, as SQL has to do it.
   */
  void rotateUnique(ModelTable table) {
    List<List<Integer>> keys = maker.changeableKeys(table);
    if (keys.isEmpty() || table.size() < 2) {
      return;
    }
    List<Integer> places = keys.get(random.nextInt(keys.size()));
    Set<Long> chosen = new LinkedHashSet<>();
    for (int i = 2 + random.nextInt(3); i > 0; i--) {
      table.anyRow(random).ifPresent(chosen::add);
    }
    List<Long> numbers = new ArrayList<>(chosen);
    long first = numbers.get(0);
    List<ColumnValue> free = table.row(first);
    change(table, first, maker.elsewhere(table, free, places));
    for (long number : numbers.subList(1, numbers.size())) {
      if (table.has(number)) {
        List<ColumnValue> old = table.row(number);
        change(table, number, with(old, places, free));
        free = old;
      }
    }
    if (table.has(first)) {
      change(table, first, with(table.row(first), places, free));
    }
  }

  private static List<ColumnValue> with(
      List<ColumnValue> row, List<Integer> places, List<ColumnValue> other) {
    List<ColumnValue> changed = new ArrayList<>(row);
    places.forEach(place -> changed.set(place, other.get(place)));
    return List.copyOf(changed);
  }

  private void change(ModelTable table, long number, List<ColumnValue> after) {
    List<ColumnValue> before = table.row(number);
    if (before.equals(after)) {
      return;
    }
    table.delete(number);
    boolean fits = table.accepts(after);
    table.insert(number, before);
    if (!fits) {
      return;
    }
    long id = table.info().id();
    if (table.partitions().physicalId(id, before) != table.partitions().physicalId(id, after)) {
      moveToOtherPartition(table, number, after);
    } else if (table.encoder().key(before, number).equals(table.encoder().key(after, number))) {
      Set<String> names = touch(table, number, before);
      table.delete(number);
      table.insert(number, after);
      undo.push(
          () -> {
            table.delete(number);
            table.insert(number, before);
          });
      names.addAll(touch(table, number, after));
      value.update(id, table.encoder().update(before, after, number));
      rows.add(new WorkloadStep.RowTouch(id, names));
    } else {
      remove(table, number);
      add(table, table.nextRowNumber(), after);
    }
  }

  /** TiDB writes the new row first, then removes the old one. */
  private void moveToOtherPartition(ModelTable table, long number, List<ColumnValue> after) {
    List<ColumnValue> before = table.delete(number);
    long newNumber = table.nextRowNumber();
    table.insert(newNumber, after);
    undo.push(
        () -> {
          table.delete(newNumber);
          table.insert(number, before);
        });
    Set<String> names = touch(table, newNumber, after);
    names.addAll(touch(table, number, before));
    value.insert(table.info().id(), table.encoder().insert(after, newNumber));
    value.delete(table.info().id(), table.encoder().delete(before, number));
    rows.add(new WorkloadStep.RowTouch(table.info().id(), names));
    rows.add(new WorkloadStep.RowTouch(table.info().id(), names));
  }

  private void add(ModelTable table, long number, List<ColumnValue> row) {
    table.insert(number, row);
    undo.push(() -> table.delete(number));
    Set<String> names = touch(table, number, row);
    value.insert(table.info().id(), table.encoder().insert(row, number));
    rows.add(new WorkloadStep.RowTouch(table.info().id(), names));
  }

  private void remove(ModelTable table, long number) {
    List<ColumnValue> row = table.delete(number);
    undo.push(() -> table.insert(number, row));
    Set<String> names = touch(table, number, row);
    value.delete(table.info().id(), table.encoder().delete(row, number));
    rows.add(new WorkloadStep.RowTouch(table.info().id(), names));
  }

  private Set<String> touch(ModelTable table, long number, List<ColumnValue> row) {
    Set<String> names = new LinkedHashSet<>(table.keysOf(row));
    names.add(table.rowName(number));
    touched.addAll(names);
    if (!primaryKey.isPresent()) {
      long physicalId = table.partitions().physicalId(table.info().id(), row);
      primaryKey = Payload.of(table.encoder().key(physicalId, row, number).encode());
    }
    return names;
  }
}
