package org.tidbbinlog.sinks.mysql.rows;

import java.util.Arrays;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.RowImage;

/**
 * The keys a row change touches, as hashes: every unique key of the target, of the old and the new
 * image. Two changes that share none may be applied in any order. A key whose values the image does
 * not hold (a generated column, an expression) makes all rows of the table share one hash; a row
 * that no key surely finds adds the hash of all its values.
 */
public final class ConflictKeys {
  private long[] hashes = new long[8];
  private int count;

  public void clear() {
    count = 0;
  }

  public int count() {
    return count;
  }

  public long at(int index) {
    return hashes[index];
  }

  public long[] toArray() {
    return Arrays.copyOf(hashes, count);
  }

  /** Adds the keys of both images of a change. */
  public void addAll(RowOp op) {
    RowChange change = op.change();
    switch (change.kind()) {
      case INSERT -> add(op.shape(), ((RowChange.Insert) change).after());
      case DELETE -> add(op.shape(), ((RowChange.Delete) change).before());
      case UPDATE -> {
        add(op.shape(), ((RowChange.Update) change).before());
        add(op.shape(), ((RowChange.Update) change).after());
      }
    }
  }

  /** Adds the keys of one image of a row. */
  public void add(RowShape shape, RowImage image) {
    long table = ValueHash.of(shape.table().id());
    for (RowShape.KeyShape key : shape.keys()) {
      if (key.isUnknown()) {
        push(ValueHash.mix(table, -1));
      } else {
        addKey(shape, key, image, table);
      }
    }
    if (shape.identity().isEmpty()) {
      long h = ValueHash.mix(table, -2);
      for (int at : shape.compared()) {
        h = ValueHash.mix(h, ValueHash.exact(image.values().get(shape.written()[at])));
      }
      push(h);
    }
  }

  private void addKey(RowShape shape, RowShape.KeyShape key, RowImage image, long table) {
    long h = hash(shape, key, image, table);
    if (h != 0) {
      push(h);
    }
  }

  /** 0 when a value is NULL: such a tuple conflicts with nothing. */
  static long hash(RowShape shape, RowShape.KeyShape key, RowImage image, long seed) {
    long h = ValueHash.mix(seed, key.ordinal());
    int[] indexes = key.indexes();
    for (int i = 0; i < indexes.length; i++) {
      ColumnValue value = image.values().get(indexes[i]);
      if (value.kind() == ColumnValue.Kind.NULL) {
        return 0;
      }
      h =
          ValueHash.mix(
              h, ValueHash.ofKeyPart(value, shape.columns()[indexes[i]], key.prefixes()[i]));
    }
    return h == 0 ? 1 : h;
  }

  private void push(long hash) {
    for (int i = 0; i < count; i++) {
      if (hashes[i] == hash) {
        return;
      }
    }
    if (count == hashes.length) {
      hashes = Arrays.copyOf(hashes, count * 2);
    }
    hashes[count++] = hash;
  }
}
