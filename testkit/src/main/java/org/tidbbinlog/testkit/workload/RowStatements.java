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
              List<ColumnValue> row = maker.changed(table, table.row(number));
              remove(table, number);
              add(table, table.nextRowNumber(), row);
            });
  }

  /** Two rows exchange their unique value, over a third one, as SQL has to do it. */
  void swapUnique(ModelTable table) {
    if (table.shape() != TableShape.SWAPPED_UNIQUE || table.size() < 2) {
      return;
    }
    long first = table.anyRow(random).orElseThrow();
    long second = table.anyRow(random).orElseThrow();
    int place = 0;
    while (!table.info().columns().get(place).name().lower().equals("u")) {
      place++;
    }
    ColumnValue ofFirst = table.row(first).get(place);
    ColumnValue ofSecond = table.row(second).get(place);
    if (first == second
        || ofFirst.kind() == ColumnValue.Kind.NULL
        || ofSecond.kind() == ColumnValue.Kind.NULL) {
      return;
    }
    change(table, first, with(table.row(first), place, new ColumnValue.Signed(-1 - first)));
    change(table, second, with(table.row(second), place, ofFirst));
    change(table, first, with(table.row(first), place, ofSecond));
  }

  private static List<ColumnValue> with(List<ColumnValue> row, int place, ColumnValue value) {
    List<ColumnValue> changed = new ArrayList<>(row);
    changed.set(place, value);
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
      touch(table, number, before);
      table.delete(number);
      table.insert(number, after);
      undo.push(
          () -> {
            table.delete(number);
            table.insert(number, before);
          });
      touch(table, number, after);
      value.update(id, table.encoder().update(before, after, number));
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
    touch(table, newNumber, after);
    touch(table, number, before);
    value.insert(table.info().id(), table.encoder().insert(after, newNumber));
    value.delete(table.info().id(), table.encoder().delete(before, number));
  }

  private void add(ModelTable table, long number, List<ColumnValue> row) {
    table.insert(number, row);
    undo.push(() -> table.delete(number));
    touch(table, number, row);
    value.insert(table.info().id(), table.encoder().insert(row, number));
  }

  private void remove(ModelTable table, long number) {
    List<ColumnValue> row = table.delete(number);
    undo.push(() -> table.insert(number, row));
    touch(table, number, row);
    value.delete(table.info().id(), table.encoder().delete(row, number));
  }

  private void touch(ModelTable table, long number, List<ColumnValue> row) {
    touched.add(table.info().id() + "#" + number);
    touched.addAll(table.keysOf(row));
    if (!primaryKey.isPresent()) {
      long physicalId = table.partitions().physicalId(table.info().id(), row);
      primaryKey = Payload.of(table.encoder().key(physicalId, row, number).encode());
    }
  }
}
