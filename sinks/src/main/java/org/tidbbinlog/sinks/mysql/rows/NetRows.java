package org.tidbbinlog.sinks.mysql.rows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.RowImage;

/**
 * What several changes to the rows of one table come to: at most one change a key. Keys are told
 * apart by their exact values, as the images hold them.
 *
 * <p>An {@code [Insert new, Delete old]} pair of one key within one transaction is a row that moved
 * to another partition and stays; an insert that comes twice (while partitions are reorganized) is
 * one row. Source: mutations section 6.
 */
final class NetRows {
  /** One image with the shape that reads it. */
  record Row(RowOp op, RowShape shape, RowImage image) {}

  /** The row of one key: before and after; null when it is not there. */
  static final class Net {
    final String key;
    @Nullable Row before;
    @Nullable Row after;
    boolean lastWasInsert;

    Net(String key) {
      this.key = key;
    }

    boolean isUpdate() {
      return before != null && after != null;
    }
  }

  private final Map<String, Net> nets = new LinkedHashMap<>();

  void add(RowOp op) {
    RowChange change = op.change();
    switch (change.kind()) {
      case INSERT -> insert(new Row(op, op.shape(), ((RowChange.Insert) change).after()));
      case DELETE -> delete(new Row(op, op.shape(), ((RowChange.Delete) change).before()));
      case UPDATE -> {
        RowChange.Update update = (RowChange.Update) change;
        Row before = new Row(op, op.shape(), update.before());
        Row after = new Row(op, op.shape(), update.after());
        if (keyText(before).equals(keyText(after))) {
          update(before, after);
        } else {
          delete(before);
          insert(after);
        }
      }
    }
  }

  Iterable<Net> rows() {
    return nets.values();
  }

  private void insert(Row after) {
    Net net = net(after);
    net.after = after;
    net.lastWasInsert = true;
  }

  private void update(Row before, Row after) {
    Net net = net(before);
    if (net.before == null && net.after == null) {
      net.before = before;
    }
    net.after = after;
    net.lastWasInsert = false;
  }

  private void delete(Row before) {
    Net net = net(before);
    Row current = net.after;
    boolean moved =
        current != null
            && net.lastWasInsert
            && current.op.commitTs().equals(before.op.commitTs())
            && !isSame(current, before);
    if (moved) {
      net.before = net.before == null ? before : net.before;
      return;
    }
    if (net.before == null && current == null) {
      net.before = before;
    }
    net.after = null;
    net.lastWasInsert = false;
  }

  private Net net(Row row) {
    return nets.computeIfAbsent(keyText(row), Net::new);
  }

  static String keyText(Row row) {
    RowShape.KeyShape key = row.shape.identity().orElseThrow();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < key.indexes().length; i++) {
      text.append(i == 0 ? "" : ",");
      LiteralWriter.append(text, row.image.values().get(key.indexes()[i]));
    }
    return text.toString();
  }

  /** Whether both images hold the same values in the columns that both write. */
  static boolean isSame(Row one, Row other) {
    if (one.shape.is(other.shape)) {
      for (int index : one.shape.written()) {
        if (!isSame(one.image.values().get(index), other.image.values().get(index))) {
          return false;
        }
      }
      return true;
    }
    Map<String, Integer> places = new HashMap<>();
    for (int j = 0; j < other.shape.names().length; j++) {
      places.put(other.shape.names()[j], other.shape.written()[j]);
    }
    for (int i = 0; i < one.shape.names().length; i++) {
      Integer place = places.get(one.shape.names()[i]);
      if (place != null) {
        StringBuilder left = new StringBuilder();
        StringBuilder right = new StringBuilder();
        LiteralWriter.append(left, one.image.values().get(one.shape.written()[i]));
        LiteralWriter.append(right, other.image.values().get(place));
        if (left.compareTo(right) != 0) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean isSame(ColumnValue one, ColumnValue other) {
    if (one.kind() != other.kind()) {
      return false;
    }
    return switch (one.kind()) {
      case TEXT ->
          Arrays.equals(((ColumnValue.Text) one).utf8(), ((ColumnValue.Text) other).utf8());
      case BINARY ->
          Arrays.equals(((ColumnValue.Binary) one).bytes(), ((ColumnValue.Binary) other).bytes());
      case JSON ->
          Arrays.equals(((ColumnValue.Json) one).binary(), ((ColumnValue.Json) other).binary());
      default -> one.equals(other);
    };
  }

  /**
   * Updates that give a unique value to one row that another updated row still holds: they cannot
   * be run one after the other, but deleting and inserting them can.
   */
  static Set<Net> colliding(List<Net> updates) {
    Map<Long, Net> holders = new HashMap<>();
    Set<Net> colliding = new HashSet<>();
    for (Net net : updates) {
      hashes(net.before).forEach(hash -> holders.put(hash, net));
    }
    for (Net net : updates) {
      for (long hash : hashes(net.after)) {
        Optional<Net> holder = Optional.ofNullable(holders.get(hash));
        if (holder.isPresent() && holder.get() != net) {
          colliding.add(net);
          colliding.add(holder.get());
        }
      }
    }
    return colliding;
  }

  private static List<Long> hashes(@Nullable Row row) {
    List<Long> hashes = new ArrayList<>();
    if (row != null) {
      for (RowShape.KeyShape key : row.shape.keys()) {
        hashes.add(ConflictKeys.hash(row.shape, key, row.image, 0));
      }
    }
    hashes.removeIf(hash -> hash == 0);
    return hashes;
  }
}
