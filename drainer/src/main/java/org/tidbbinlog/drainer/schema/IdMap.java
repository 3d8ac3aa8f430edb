package org.tidbbinlog.drainer.schema;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * An immutable map from ids to values that shares structure with the map it was made from: a change
 * copies one path of at most 13 small nodes. The shape depends on the ids only, so iteration order
 * does not depend on history.
 *
 * <pre>
 *  id bits:  …  14..10 | 9..5 | 4..0
 *                 level 2  level 1  level 0: which of 32 slots of the root
 * </pre>
 */
final class IdMap<V> {
  private static final int BITS = 5;
  private static final Object[] NO_SLOTS = {};
  private static final IdMap<?> EMPTY = new IdMap<>(new Node(0, NO_SLOTS), 0);

  /** {@code slots[i]} belongs to the i-th set bit of {@code bitmap}: an {@link Entry} or Node. */
  private record Node(int bitmap, Object[] slots) {}

  private record Entry(long id, Object value) {}

  private final Node root;
  private final int size;

  private IdMap(Node root, int size) {
    this.root = root;
    this.size = size;
  }

  @SuppressWarnings("unchecked")
  static <V> IdMap<V> empty() {
    return (IdMap<V>) EMPTY;
  }

  int size() {
    return size;
  }

  boolean contains(long id) {
    return find(id).isPresent();
  }

  @SuppressWarnings("unchecked")
  Optional<V> find(long id) {
    Node node = root;
    for (int shift = 0; ; shift += BITS) {
      int bit = bit(id, shift);
      if ((node.bitmap & bit) == 0) {
        return Optional.empty();
      }
      Object slot = node.slots[index(node, bit)];
      if (slot instanceof Entry entry) {
        return entry.id == id ? Optional.of((V) entry.value) : Optional.empty();
      }
      node = (Node) slot;
    }
  }

  IdMap<V> with(long id, V value) {
    Node changed = put(root, 0, new Entry(id, value));
    return new IdMap<>(changed, contains(id) ? size : size + 1);
  }

  IdMap<V> without(long id) {
    return contains(id) ? new IdMap<>(remove(root, 0, id), size - 1) : this;
  }

  void forEach(BiConsumer<Long, V> action) {
    visit(root, action);
  }

  List<V> values() {
    List<V> values = new ArrayList<>(size);
    forEach((id, value) -> values.add(value));
    return values;
  }

  @SuppressWarnings("unchecked")
  private void visit(Node node, BiConsumer<Long, V> action) {
    for (Object slot : node.slots) {
      if (slot instanceof Entry entry) {
        action.accept(entry.id, (V) entry.value);
      } else {
        visit((Node) slot, action);
      }
    }
  }

  private static Node put(Node node, int shift, Entry entry) {
    int bit = bit(entry.id, shift);
    int index = index(node, bit);
    if ((node.bitmap & bit) == 0) {
      return insertSlot(node, bit, index, entry);
    }
    Object slot = node.slots[index];
    if (slot instanceof Node child) {
      return replaceSlot(node, index, put(child, shift + BITS, entry));
    }
    Entry present = (Entry) slot;
    return replaceSlot(
        node, index, present.id == entry.id ? entry : split(present, entry, shift + BITS));
  }

  private static Node split(Entry one, Entry other, int shift) {
    Node alone = new Node(bit(one.id, shift), new Object[] {one});
    return put(alone, shift, other);
  }

  private static Node remove(Node node, int shift, long id) {
    int bit = bit(id, shift);
    int index = index(node, bit);
    if (node.slots[index] instanceof Node child) {
      Node smaller = remove(child, shift + BITS, id);
      Object slot =
          smaller.slots.length == 1 && smaller.slots[0] instanceof Entry alone ? alone : smaller;
      return replaceSlot(node, index, slot);
    }
    return dropSlot(node, bit, index);
  }

  private static Node insertSlot(Node node, int bit, int index, Object slot) {
    Object[] slots = new Object[node.slots.length + 1];
    System.arraycopy(node.slots, 0, slots, 0, index);
    slots[index] = slot;
    System.arraycopy(node.slots, index, slots, index + 1, node.slots.length - index);
    return new Node(node.bitmap | bit, slots);
  }

  private static Node replaceSlot(Node node, int index, Object slot) {
    Object[] slots = Arrays.copyOf(node.slots, node.slots.length);
    slots[index] = slot;
    return new Node(node.bitmap, slots);
  }

  private static Node dropSlot(Node node, int bit, int index) {
    Object[] slots = new Object[node.slots.length - 1];
    System.arraycopy(node.slots, 0, slots, 0, index);
    System.arraycopy(node.slots, index + 1, slots, index, slots.length - index);
    return new Node(node.bitmap & ~bit, slots);
  }

  private static int bit(long id, int shift) {
    return 1 << (int) (id >>> shift & 31);
  }

  private static int index(Node node, int bit) {
    return Integer.bitCount(node.bitmap & bit - 1);
  }
}
