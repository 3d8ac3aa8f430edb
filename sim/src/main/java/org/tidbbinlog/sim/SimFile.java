package org.tidbbinlog.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One file: what readers see, what is on the platters, and the writes between the two. */
final class SimFile {
  private static final int SECTOR = 512;

  /** A write, or a truncation when {@code size} is not negative. */
  private record Change(int offset, byte[] bytes, int size) {}

  /** Bytes with a size below their capacity. */
  private static final class Image {
    byte[] bytes = new byte[0];
    int size;

    void apply(Change change) {
      if (change.size() >= 0) {
        truncate(change.size());
      } else {
        write(change.offset(), change.bytes(), 0, change.bytes().length);
      }
    }

    void write(int offset, byte[] source, int from, int count) {
      int end = offset + count;
      if (end > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(end, bytes.length * 2));
      }
      System.arraycopy(source, from, bytes, offset, count);
      size = Math.max(size, end);
    }

    void truncate(int to) {
      if (to < size) {
        Arrays.fill(bytes, to, size, (byte) 0);
        size = to;
      }
    }
  }

  private final Image seen = new Image();
  private final Image durable = new Image();
  private final List<Change> pending = new ArrayList<>();

  int size() {
    return seen.size;
  }

  byte[] content() {
    return Arrays.copyOf(seen.bytes, seen.size);
  }

  int read(byte[] target, int offset) {
    int count = Math.max(0, Math.min(target.length, seen.size - offset));
    System.arraycopy(seen.bytes, Math.min(offset, seen.bytes.length), target, 0, count);
    return count;
  }

  void write(int offset, byte[] bytes) {
    change(new Change(offset, bytes, -1));
  }

  void truncate(int size) {
    change(new Change(0, new byte[0], size));
  }

  private void change(Change change) {
    seen.apply(change);
    pending.add(change);
  }

  void force() {
    pending.forEach(durable::apply);
    pending.clear();
  }

  /**
   * A force that failed: what was to be written is not, and no later force knows of it. Readers go
   * on seeing it, until the machine goes down. What Linux does.
   */
  void dropPending() {
    pending.clear();
  }

  /** One bit is not as it was written any more. */
  void flip(int offset, int bit) {
    for (Image image : List.of(seen, durable)) {
      if (offset < image.size) {
        image.bytes[offset] ^= (byte) (1 << bit);
      }
    }
  }

  /** Of what was not forced an arbitrary part survives: sectors of it, in any order. */
  void powerCut(Chance chance) {
    int mode = chance.below(4);
    int kept = mode == 2 ? chance.below(pending.size() + 1) : pending.size();
    for (int i = 0; mode > 0 && i < kept; i++) {
      Change change = pending.get(i);
      if (mode < 3) {
        durable.apply(change);
      } else if (change.size() >= 0) {
        if (chance.oneIn(2)) {
          durable.apply(change);
        }
      } else {
        someSectors(change, chance);
      }
    }
    pending.clear();
    seen.bytes = durable.bytes.clone();
    seen.size = durable.size;
  }

  private void someSectors(Change change, Chance chance) {
    int from = 0;
    while (from < change.bytes().length) {
      int inSector = SECTOR - (change.offset() + from) % SECTOR;
      int count = Math.min(inSector, change.bytes().length - from);
      if (chance.oneIn(2)) {
        durable.write(change.offset() + from, change.bytes(), from, count);
      }
      from += count;
    }
  }
}
