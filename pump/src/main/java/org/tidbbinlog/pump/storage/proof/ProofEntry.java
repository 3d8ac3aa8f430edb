package org.tidbbinlog.pump.storage.proof;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;

/**
 * One statement about a segment: what the chain's value is after its bytes up to an offset. Big
 * endian.
 *
 * <pre>
 *  0      2       4      12          44           52     60      64
 * +------+-------+------+-----------+------------+------+-------+
 * | kind | flags | end  | chain     | written at | zero | CRC   |
 * |      |       |offset| value     | (ms)       |      |       |
 * +------+-------+------+-----------+------------+------+-------+
 * </pre>
 *
 * @param endOffset just after the last byte covered
 * @param forced the bytes were on disk for good before this was written
 * @param late some of the bytes since the entry before were read back after a restart, and not as
 *     they were acknowledged
 * @param atMs wall-clock time of the entry
 */
public record ProofEntry(
    Kind kind, long endOffset, ChainValue value, boolean forced, boolean late, long atMs) {
  public static final int BYTES = 64;
  private static final int FORCED = 1;
  private static final int LATE = 2;
  private static final int CRC_AT = 60;

  /** What an entry says beyond its value. */
  public enum Kind {
    /** More may come. */
    ANCHOR(1),
    /** The segment is finished and ends here. */
    SEAL(2);

    private final int code;

    Kind(int code) {
      this.code = code;
    }
  }

  public Instant at() {
    return Instant.ofEpochMilli(atMs);
  }

  public ByteBuffer encode() {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    bytes.putShort((short) kind.code);
    bytes.putShort((short) ((forced ? FORCED : 0) | (late ? LATE : 0)));
    bytes.putLong(endOffset);
    value.put(bytes, 12);
    bytes.putLong(44, atMs);
    bytes.putInt(CRC_AT, ProofHeader.crc(bytes, 0, CRC_AT));
    return bytes.clear();
  }

  /** Empty when there is no whole entry at this place. */
  public static Optional<ProofEntry> decode(ByteBuffer bytes, int at) {
    if (bytes.limit() - at < BYTES
        || bytes.getInt(at + CRC_AT) != ProofHeader.crc(bytes, at, at + CRC_AT)) {
      return Optional.empty();
    }
    for (Kind kind : Kind.values()) {
      if (kind.code == bytes.getShort(at)) {
        int flags = bytes.getShort(at + 2);
        return Optional.of(
            new ProofEntry(
                kind,
                bytes.getLong(at + 4),
                ChainValue.get(bytes, at + 12),
                (flags & FORCED) != 0,
                (flags & LATE) != 0,
                bytes.getLong(at + 44)));
      }
    }
    return Optional.empty();
  }
}
