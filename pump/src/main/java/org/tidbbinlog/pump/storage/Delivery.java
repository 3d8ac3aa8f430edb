package org.tidbbinlog.pump.storage;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.tidbbinlog.base.Tso;

/**
 * Builds the Binlog a Drainer gets: the Commit record completed from its Prewrite, byte for byte as
 * the original would serialize it. A value above {@value #JOIN_BELOW_BYTES} bytes is not copied.
 *
 * <p>Source: pump-protocol sections 4 and 6.
 */
final class Delivery {
  static final int JOIN_BELOW_BYTES = 64 << 10;

  private Delivery() {}

  static PullRecord of(BinlogFields prewrite, BinlogFields commit) {
    Tso start = new Tso(prewrite.startTs());
    Tso end = new Tso(commit.commitTs());
    int valueBytes = prewrite.lengthOf(BinlogFields.VALUE);
    int headBytes = headBytes(prewrite, commit);
    int tailBytes = tailBytes(prewrite, commit);
    if (valueBytes <= JOIN_BELOW_BYTES) {
      ByteBuffer whole = ByteBuffer.allocate(headBytes + valueBytes + tailBytes);
      putHead(whole, prewrite, commit);
      whole.put(prewrite.bytes(BinlogFields.VALUE));
      putTail(whole, prewrite, commit);
      return new PullRecord(start, end, List.of(whole.flip()));
    }
    List<ByteBuffer> parts = new ArrayList<>(3);
    ByteBuffer head = ByteBuffer.allocate(headBytes);
    putHead(head, prewrite, commit);
    parts.add(head.flip());
    parts.add(prewrite.bytes(BinlogFields.VALUE));
    ByteBuffer tail = ByteBuffer.allocate(tailBytes);
    putTail(tail, prewrite, commit);
    parts.add(tail.flip());
    return new PullRecord(start, end, parts);
  }

  /** A heartbeat is delivered as it was stored. */
  static PullRecord fake(long ts, ByteBuffer payload) {
    ByteBuffer copy = ByteBuffer.allocate(payload.remaining()).put(payload.duplicate()).flip();
    return new PullRecord(new Tso(ts), new Tso(ts), List.of(copy));
  }

  /** Serialized Commit with nothing but its two timestamps: what a Pump writes itself. */
  static ByteBuffer ownCommit(long startTs, long commitTs) {
    ByteBuffer record = ByteBuffer.allocate(32);
    record.put((byte) 0x08).put((byte) BinlogFields.COMMIT);
    putVarint(record.put((byte) 0x10), startTs);
    putVarint(record.put((byte) 0x18), commitTs);
    return record.put((byte) 0x38).put((byte) 0).put((byte) 0x40).put((byte) 0).flip();
  }

  private static int headBytes(BinlogFields prewrite, BinlogFields commit) {
    return 3
        + varintBytes(commit.kind())
        + varintBytes(prewrite.startTs())
        + varintBytes(commit.commitTs())
        + bytesFieldBytes(commit, BinlogFields.KEY)
        + (prewrite.has(BinlogFields.VALUE)
            ? 1 + varintBytes(prewrite.lengthOf(BinlogFields.VALUE))
            : 0);
  }

  private static void putHead(ByteBuffer target, BinlogFields prewrite, BinlogFields commit) {
    putVarint(target.put((byte) 0x08), commit.kind());
    putVarint(target.put((byte) 0x10), prewrite.startTs());
    putVarint(target.put((byte) 0x18), commit.commitTs());
    putBytesField(target, commit, BinlogFields.KEY);
    if (prewrite.has(BinlogFields.VALUE)) {
      putVarint(target.put((byte) 0x2a), prewrite.lengthOf(BinlogFields.VALUE));
    }
  }

  private static int tailBytes(BinlogFields prewrite, BinlogFields commit) {
    return 2
        + bytesFieldBytes(prewrite, BinlogFields.QUERY)
        + varintBytes(prewrite.ddlJobId())
        + varintBytes(prewrite.ddlSchemaState())
        + commit.unknownBytes();
  }

  private static void putTail(ByteBuffer target, BinlogFields prewrite, BinlogFields commit) {
    putBytesField(target, prewrite, BinlogFields.QUERY);
    putVarint(target.put((byte) 0x38), prewrite.ddlJobId());
    putVarint(target.put((byte) 0x40), prewrite.ddlSchemaState());
    commit.putUnknown(target);
  }

  private static int bytesFieldBytes(BinlogFields fields, int field) {
    int length = fields.lengthOf(field);
    return fields.has(field) ? 1 + varintBytes(length) + length : 0;
  }

  private static void putBytesField(ByteBuffer target, BinlogFields fields, int field) {
    if (fields.has(field)) {
      putVarint(target.put((byte) ((field << 3) | 2)), fields.lengthOf(field));
      target.put(fields.bytes(field));
    }
  }

  private static int varintBytes(long value) {
    return Math.max(1, (70 - Long.numberOfLeadingZeros(value)) / 7);
  }

  private static void putVarint(ByteBuffer target, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      target.put((byte) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    target.put((byte) rest);
  }
}
