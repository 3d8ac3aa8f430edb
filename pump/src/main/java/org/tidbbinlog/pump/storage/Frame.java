package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * How a record lies in a value-log segment; the original's framing. All numbers little endian.
 *
 * <pre>
 *  0        4                12       16                 16+n
 * +--------+----------------+--------+------------------+
 * | magic  | payload length | CRC-32C| payload (Binlog) |      record
 * +--------+----------------+--------+------------------+
 *  0                8        12
 * +----------------+--------+
 * | largest ts     | magic  |                                  footer of a finished segment
 * +----------------+--------+
 * </pre>
 *
 * Source: pump section 5, acceptance fact 17.
 */
final class Frame {
  static final int MAGIC = 0x823a56e8;
  static final int FOOTER_MAGIC = 0x123ab922;
  static final int HEADER_BYTES = 16;
  static final int FOOTER_BYTES = 12;
  private static final int PIECE_BYTES = 256 << 10;

  private Frame() {}

  static void putHeader(ByteBuffer target, int payloadBytes, int crc) {
    target.order(ByteOrder.LITTLE_ENDIAN).putInt(MAGIC).putLong(payloadBytes).putInt(crc);
  }

  static ByteBuffer footer(long maxTs) {
    return ByteBuffer.allocate(FOOTER_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(maxTs)
        .putInt(FOOTER_MAGIC)
        .flip();
  }

  /** The largest timestamp in the footer at the end of a segment, when there is one. */
  static Optional<Long> readFooter(Disk.DiskFile file, long fileBytes) throws IOException {
    if (fileBytes < FOOTER_BYTES) {
      return Optional.empty();
    }
    ByteBuffer bytes = ByteBuffer.allocate(FOOTER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    file.read(bytes, fileBytes - FOOTER_BYTES);
    return bytes.getInt(8) == FOOTER_MAGIC ? Optional.of(bytes.getLong(0)) : Optional.empty();
  }

  /** CRC-32C of what remains in the buffer, which is not moved. */
  static int crc(ByteBuffer payload) {
    CRC32C crc = new CRC32C();
    crc.update(payload.duplicate());
    return (int) crc.getValue();
  }

  /**
   * CRC-32C of a stretch of a file, read in pieces: unlike a mapping, reads answer a disk's error
   * with an exception that names it.
   *
   * @return of less than {@code length} bytes when the file ends before
   */
  static int crc(Disk.DiskFile file, long offset, int length) throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer piece = ByteBuffer.allocate(Math.min(length, PIECE_BYTES));
    for (int done = 0; done < length; ) {
      piece.clear().limit(Math.min(PIECE_BYTES, length - done));
      int count = file.read(piece, offset + done);
      if (count == 0) {
        break;
      }
      crc.update(piece.flip());
      done += count;
    }
    return (int) crc.getValue();
  }

  static int magicAt(ByteBuffer frame) {
    return little(frame).getInt(frame.position());
  }

  static long lengthAt(ByteBuffer frame) {
    return little(frame).getLong(frame.position() + 4);
  }

  static int crcAt(ByteBuffer frame) {
    return little(frame).getInt(frame.position() + 12);
  }

  /** Bytes in the log of a record with this payload. */
  static long sizeBytes(int payloadBytes) {
    return (long) HEADER_BYTES + payloadBytes;
  }

  private static ByteBuffer little(ByteBuffer buffer) {
    return buffer.order() == ByteOrder.LITTLE_ENDIAN
        ? buffer
        : buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }
}
