package org.tidbbinlog.sinks.relay;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import org.tidbbinlog.codec.bytes.ByteCursor;

/** The frames of one file, whole or not. Not thread-safe. */
final class RelayFrames {
  private static final int CHUNK_BYTES = 1 << 20;
  private static final int MAGIC_BYTES = 4;

  private final FileChannel channel;

  RelayFrames(FileChannel channel) {
    this.channel = channel;
  }

  /** Why there is no whole record at a place. */
  enum Fault {
    NONE("whole"),
    END("end of the file"),
    SHORT("the file ends within a record"),
    MAGIC("no record begins here"),
    LENGTH("impossible length of a record"),
    CHECKSUM("a record does not fit its checksum");

    private final String text;

    Fault(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  /**
   * A place in the file.
   *
   * @param body of the record; empty where {@code fault} says why
   */
  record Frame(Optional<byte[]> body, Fault fault) {
    private static Frame none(Fault fault) {
      return new Frame(Optional.empty(), fault);
    }

    long sizeBytes() {
      return RelayFile.FRAME_BYTES + (long) body.orElseThrow().length;
    }

    ByteCursor cursor() {
      return ByteCursor.over(body.orElseThrow());
    }
  }

  Frame at(long position) throws IOException {
    long left = channel.size() - position;
    if (left < RelayFile.FRAME_BYTES) {
      return Frame.none(left == 0 ? Fault.END : Fault.SHORT);
    }
    ByteBuffer frame = ByteBuffer.wrap(filled(position, RelayFile.FRAME_BYTES));
    int length = frame.getInt(4);
    if (frame.getInt(0) != RelayFile.MAGIC) {
      return Frame.none(Fault.MAGIC);
    }
    if (length <= 0 || length > RelayFile.MAX_BODY_BYTES) {
      return Frame.none(Fault.LENGTH);
    }
    if (left - RelayFile.FRAME_BYTES < length) {
      return Frame.none(Fault.SHORT);
    }
    byte[] body = filled(position + RelayFile.FRAME_BYTES, length);
    CRC32C crc = new CRC32C();
    crc.update(body);
    return (int) crc.getValue() == frame.getInt(8)
        ? new Frame(Optional.of(body), Fault.NONE)
        : Frame.none(Fault.CHECKSUM);
  }

  private byte[] filled(long position, int bytes) throws IOException {
    byte[] all = new byte[bytes];
    ByteBuffer buffer = ByteBuffer.wrap(all);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new IOException("file became shorter than " + (position + bytes) + " bytes");
      }
    }
    return all;
  }

  /** A whole record at a place behind damage. */
  static final class Found {
    private final long position;
    private final byte[] body;

    private Found(long position, byte[] body) {
      this.position = position;
      this.body = body;
    }

    long position() {
      return position;
    }

    byte[] body() {
      return body;
    }
  }

  /** The first whole record from {@code position} on that is wanted, wherever it begins. */
  Optional<Found> find(long position, Predicate<Found> wanted) throws IOException {
    long end = channel.size() - RelayFile.FRAME_BYTES;
    for (long from = position; from <= end; from += CHUNK_BYTES) {
      int bytes = (int) Math.min(CHUNK_BYTES + MAGIC_BYTES - 1, channel.size() - from);
      ByteBuffer chunk = ByteBuffer.wrap(filled(from, bytes));
      for (int i = 0; i < CHUNK_BYTES && i + MAGIC_BYTES <= bytes; i++) {
        if (chunk.getInt(i) == RelayFile.MAGIC) {
          long at = from + i;
          Optional<Found> found = at(at).body().map(body -> new Found(at, body)).filter(wanted);
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    return Optional.empty();
  }
}
