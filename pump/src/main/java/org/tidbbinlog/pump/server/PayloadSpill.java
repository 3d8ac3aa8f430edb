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
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.tidbbinlog.node.process.MappedFile;

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

  /** Asked before anything is spilled. */
  interface Admission {
    /**
     * @param clusterId empty when the message does not name it before the payload
     * @throws WriteRefusedException when the record would be refused in the end
     */
    void require(OptionalLong clusterId, long payloadBytes);
  }

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
   * @throws WriteRefusedException when {@code admission} says so
   */
  WriteRequest read(InputStream message, long limitBytes, Admission admission) throws IOException {
    Message read = new Message();
    boolean whole = false;
    try {
      WriteRequest request = read.readFrom(message, limitBytes, admission);
      whole = request instanceof WriteRequest.Read;
      return request;
    } finally {
      if (!whole) {
        read.free.run();
      }
    }
  }

  /** One message while it is read. */
  private final class Message {
    private OptionalLong clusterId = OptionalLong.empty();
    private ByteBuffer payload = NOTHING;
    private Runnable free = () -> {};

    WriteRequest readFrom(InputStream message, long limitBytes, Admission admission)
        throws IOException {
      CodedInputStream in = CodedInputStream.newInstance(message, READ_BUFFER_BYTES);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case CLUSTER_ID_TAG -> clusterId = OptionalLong.of(in.readUInt64());
          case PAYLOAD_TAG -> {
            int length = in.readRawVarint32();
            if (length > limitBytes) {
              return new WriteRequest.Oversize(length, limitBytes);
            }
            readPayload(in, length, admission);
          }
          default -> in.skipField(tag);
        }
      }
      return new WriteRequest.Read(clusterId.orElse(0), payload, free);
    }

    private void readPayload(CodedInputStream in, int length, Admission admission)
        throws IOException {
      free.run();
      free = () -> {};
      payload = NOTHING;
      if (length <= THRESHOLD_BYTES) {
        payload = ByteBuffer.wrap(in.readRawBytes(length));
      } else {
        admission.require(clusterId, length);
        MappedFile mapped = spill(in, length);
        payload = mapped.bytes();
        free = mapped::free;
      }
    }
  }

  /**
   * It is safe to free it once the store has answered: written, or refused for good, the store does
   * not touch a payload any more.
   */
  private MappedFile spill(CodedInputStream in, int length) throws IOException {
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
      return MappedFile.of(channel, length);
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
