package org.tidbbinlog.pump.storage.proof;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The first 64 bytes of a segment's proof. Big endian.
 *
 * <pre>
 *  0          8         12      16         20            24               56      60      64
 * +----------+---------+-------+----------+-------------+----------------+-------+-------+
 * | TBPROOF1 | version | hash  | segment  | fingerprint | chain before   | zero  | CRC   |
 * |          |   (1)   |  (1)  | id       | of segment  | the first byte |       |       |
 * +----------+---------+-------+----------+-------------+----------------+-------+-------+
 * </pre>
 *
 * @param version of the file; what is above {@link #VERSION} cannot be read here
 * @param fingerprint CRC-32C of the segment's first 16 bytes: which segment this speaks of
 * @param before the seal of the segment before, or {@link ChainValue#START}
 */
public record ProofHeader(int version, int segment, int fingerprint, ChainValue before) {
  public static final int BYTES = 64;
  public static final int VERSION = 1;
  private static final long MAGIC = 0x544250524f4f4631L;
  private static final int SHA_256 = 1;
  private static final int CRC_AT = 60;

  public ProofHeader(int segment, int fingerprint, ChainValue before) {
    this(VERSION, segment, fingerprint, before);
  }

  public ByteBuffer encode() {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    bytes.putLong(MAGIC).putInt(version).putInt(SHA_256).putInt(segment).putInt(fingerprint);
    before.put(bytes, 24);
    bytes.putInt(CRC_AT, crc(bytes, 0, CRC_AT));
    return bytes.clear();
  }

  /** Empty when this is no proof's header, or a torn one. */
  public static Optional<ProofHeader> decode(ByteBuffer bytes) {
    if (bytes.limit() < BYTES
        || bytes.getLong(0) != MAGIC
        || bytes.getInt(CRC_AT) != crc(bytes, 0, CRC_AT)) {
      return Optional.empty();
    }
    int version = bytes.getInt(12) == SHA_256 ? bytes.getInt(8) : Integer.MAX_VALUE;
    return Optional.of(
        new ProofHeader(version, bytes.getInt(16), bytes.getInt(20), ChainValue.get(bytes, 24)));
  }

  static int crc(ByteBuffer bytes, int from, int to) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate().limit(to).position(from));
    return (int) crc.getValue();
  }
}
