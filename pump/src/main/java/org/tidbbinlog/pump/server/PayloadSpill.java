package org.tidbbinlog.pump.server;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads WriteBinlogReq messages. A payload above the threshold goes through a small buffer into a
 * file of {@code <data-dir>/spill} that is mapped and at once unlinked, so that a transaction
 * larger than the heap passes (I10) and a crash leaves nothing to clean but names.
 */
final class PayloadSpill {
  /** Above this a payload does not come to the heap. */
  static final int THRESHOLD_BYTES = 4 << 20;

  private static final int CLUSTER_ID_TAG = 1 << 3;
  private static final int PAYLOAD_TAG = 2 << 3 | 2;
  private static final int READ_BUFFER_BYTES = 512;
  private static final int CHUNK_BYTES = 1 << 16;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final Path directory;
  private final AtomicLong next = new AtomicLong();

  /** Removes what a crash left behind. */
  PayloadSpill(Path directory) {
    this.directory = directory;
    try {
      Files.createDirectories(directory);
      try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(directory)) {
        for (Path file : leftovers) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("spill directory " + directory, e);
    }
  }

  /**
   * Reads one message to its end; fields may come in any order, the last of each counts.
   *
   * @throws com.google.protobuf.InvalidProtocolBufferException when it is no WriteBinlogReq
   * @throws IOException when the spill file cannot be written
   */
  WriteRequest read(InputStream message, long limitBytes) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(message, READ_BUFFER_BYTES);
    long clusterId = 0;
    ByteBuffer payload = NOTHING;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case CLUSTER_ID_TAG -> clusterId = in.readUInt64();
        case PAYLOAD_TAG -> {
          int length = in.readRawVarint32();
          if (length > limitBytes) {
            return new WriteRequest.Oversize(length, limitBytes);
          }
          payload =
              length <= THRESHOLD_BYTES
                  ? ByteBuffer.wrap(in.readRawBytes(length))
                  : spill(in, length);
        }
        default -> in.skipField(tag);
      }
    }
    return new WriteRequest.Read(clusterId, payload);
  }

  private ByteBuffer spill(CodedInputStream in, int length) throws IOException {
    Path file = directory.resolve(next.incrementAndGet() + ".payload");
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      for (int left = length; left > 0; ) {
        ByteBuffer chunk = ByteBuffer.wrap(in.readRawBytes(Math.min(left, CHUNK_BYTES)));
        left -= chunk.remaining();
        while (chunk.hasRemaining()) {
          channel.write(chunk);
        }
      }
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, length);
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
