package org.tidbbinlog.pump.storage;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Where the fields of one serialized {@code Binlog} lie, found without copying or touching the
 * value: the sorter needs three numbers of it, a pull needs slices. Reused between records by one
 * thread. Unknown fields are kept as they are. Takes and refuses the same bytes as {@code
 * codec.binlog.BinlogHeader}, without making an object for each record.
 *
 * <p>Source: pump-protocol sections 3 and 4 (an absent {@code tp} is a Prewrite, the last scalar
 * wins).
 */
final class BinlogFields {
  static final int PREWRITE = 0;
  static final int COMMIT = 1;
  static final int ROLLBACK = 2;

  private static final int VARINT = 0;
  private static final int BYTES = 2;

  static final int KEY = 4;
  static final int VALUE = 5;
  static final int QUERY = 6;

  private ByteBuffer buffer = ByteBuffer.allocate(0);
  private int kind;
  private long startTs;
  private long commitTs;
  private long ddlJobId;
  private long ddlSchemaState;
  private final int[] from = new int[7];
  private final int[] length = new int[7];
  private int unknownFields;
  private int[] unknownFrom = new int[2];
  private int[] unknownEnd = new int[2];

  /** Reads from position to limit; the buffer is not moved, and is kept until the next call. */
  BinlogFields read(ByteBuffer source) {
    buffer = source.slice().order(ByteOrder.LITTLE_ENDIAN);
    kind = PREWRITE;
    startTs = 0;
    commitTs = 0;
    ddlJobId = 0;
    ddlSchemaState = 0;
    unknownFields = 0;
    for (int field = KEY; field <= QUERY; field++) {
      from[field] = -1;
      length[field] = 0;
    }
    while (buffer.hasRemaining()) {
      readField();
    }
    return this;
  }

  private void readField() {
    int fieldStart = buffer.position();
    long tag = varint();
    int wireType = (int) tag & 7;
    int field = (int) (tag >>> 3);
    if (field <= 0) {
      throw new InvalidRecordException("field number " + field + " at byte " + fieldStart);
    }
    if (isScalar(field)) {
      requireType(VARINT, wireType, field, fieldStart);
      setScalar(field, varint());
    } else if (field <= QUERY) {
      requireType(BYTES, wireType, field, fieldStart);
      length[field] = lengthPrefix();
      from[field] = buffer.position();
      buffer.position(buffer.position() + length[field]);
    } else {
      skip(wireType, fieldStart, 0);
      addUnknown(fieldStart, buffer.position());
    }
  }

  private static boolean isScalar(int field) {
    return field <= 3 || field == 7 || field == 8;
  }

  private static void requireType(int wanted, int wireType, int field, int fieldStart) {
    if (wireType != wanted) {
      throw new InvalidRecordException(
          "wire type " + wireType + " of field " + field + " at byte " + fieldStart);
    }
  }

  private void setScalar(int field, long value) {
    switch (field) {
      case 1 -> kind = (int) value;
      case 2 -> startTs = value;
      case 3 -> commitTs = value;
      case 7 -> ddlJobId = value;
      default -> ddlSchemaState = (int) value;
    }
  }

  private void skip(int wireType, int fieldStart, int depth) {
    switch (wireType) {
      case VARINT -> varint();
      case 1 -> advance(8);
      case BYTES -> advance(lengthPrefix());
      case 3 -> skipGroup(depth + 1);
      case 5 -> advance(4);
      default ->
          throw new InvalidRecordException("wire type " + wireType + " at byte " + fieldStart);
    }
  }

  /** To the next end of a group: like the original's decoder, of whichever. */
  private void skipGroup(int depth) {
    if (depth > 100) {
      throw new InvalidRecordException("groups nested deeper than 100");
    }
    while (true) {
      int at = buffer.position();
      long tag = varint();
      if ((tag & 7) == 4) {
        return;
      }
      skip((int) tag & 7, at, depth);
    }
  }

  private void advance(int bytes) {
    if (bytes > buffer.remaining()) {
      throw new InvalidRecordException("unexpected end at byte " + buffer.limit());
    }
    buffer.position(buffer.position() + bytes);
  }

  private int lengthPrefix() {
    int at = buffer.position();
    long value = varint();
    if (value < 0 || value > buffer.remaining()) {
      throw new InvalidRecordException("length " + value + " at byte " + at + " is past the end");
    }
    return (int) value;
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (!buffer.hasRemaining()) {
        throw new InvalidRecordException("unexpected end at byte " + buffer.limit());
      }
      byte next = buffer.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new InvalidRecordException("varint longer than ten bytes at " + buffer.position());
  }

  private void addUnknown(int start, int end) {
    if (unknownFields == unknownFrom.length) {
      unknownFrom = java.util.Arrays.copyOf(unknownFrom, unknownFields * 2);
      unknownEnd = java.util.Arrays.copyOf(unknownEnd, unknownFields * 2);
    }
    unknownFrom[unknownFields] = start;
    unknownEnd[unknownFields] = end;
    unknownFields++;
  }

  int kind() {
    return kind;
  }

  long startTs() {
    return startTs;
  }

  long commitTs() {
    return commitTs;
  }

  long ddlJobId() {
    return ddlJobId;
  }

  long ddlSchemaState() {
    return ddlSchemaState;
  }

  /**
   * @throws InvalidRecordException for a Prewrite without start_ts: it would wait for its end for
   *     ever
   */
  void requireStart() {
    if (isPrewrite() && startTs == 0) {
      throw new InvalidRecordException("a Prewrite without start_ts");
    }
  }

  /** Neither timestamp set: TiDB asking whether the Pump is alive. */
  boolean isProbe() {
    return startTs == 0 && commitTs == 0;
  }

  boolean isPrewrite() {
    return kind == PREWRITE;
  }

  /** A heartbeat: equal timestamps, whoever made it. */
  boolean isFake() {
    return kind != PREWRITE && commitTs != 0 && startTs == commitTs;
  }

  /** The timestamp a segment's footer and the debug endpoint know the record by. */
  long ts() {
    return isPrewrite() || commitTs == 0 ? startTs : commitTs;
  }

  boolean has(int bytesField) {
    return from[bytesField] >= 0;
  }

  /** View of one of the bytes fields; empty when absent. */
  ByteBuffer bytes(int bytesField) {
    return has(bytesField)
        ? buffer.slice(from[bytesField], length[bytesField])
        : buffer.slice(0, 0);
  }

  int lengthOf(int bytesField) {
    return length[bytesField];
  }

  int unknownBytes() {
    int bytes = 0;
    for (int i = 0; i < unknownFields; i++) {
      bytes += unknownEnd[i] - unknownFrom[i];
    }
    return bytes;
  }

  void putUnknown(ByteBuffer target) {
    for (int i = 0; i < unknownFields; i++) {
      target.put(buffer.slice(unknownFrom[i], unknownEnd[i] - unknownFrom[i]));
    }
  }
}
