package org.tidbbinlog.drainer.source;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.codec.Payload;

/**
 * Where payloads too large for the heap go: each into a file that is mapped and at once deleted, so
 * that the space comes back when the last view of it is gone, also after a crash (I10).
 *
 * @param thresholdBytes payloads above go to a file
 */
public record SpillFolder(Path folder, int thresholdBytes) {
  private static final int CHUNK_BYTES = 1 << 16;

  /** Reads the next {@code size} bytes. */
  Payload read(CodedInputStream in, int size) throws IOException {
    return size <= thresholdBytes ? Payload.of(in.readRawBytes(size)) : spill(in, size);
  }

  private Payload spill(CodedInputStream in, int size) throws IOException {
    Path file;
    try {
      Files.createDirectories(folder);
      file = Files.createTempFile(folder, "transaction-", ".spill");
    } catch (IOException e) {
      throw new OperatorException(
          "a transaction of " + size + " bytes cannot be put into " + folder + ": " + e, e);
    }
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      for (int left = size; left > 0; ) {
        byte[] chunk = in.readRawBytes(Math.min(left, CHUNK_BYTES));
        write(out, ByteBuffer.wrap(chunk), size);
        left -= chunk.length;
      }
      return Payload.of(out.map(FileChannel.MapMode.READ_ONLY, 0, size));
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private void write(FileChannel out, ByteBuffer chunk, int size) {
    try {
      while (chunk.hasRemaining()) {
        out.write(chunk);
      }
    } catch (IOException e) {
      throw new OperatorException(
          "a transaction of "
              + size
              + " bytes does not fit into "
              + folder
              + ": "
              + e.getMessage()
              + "; make room on that disk",
          e);
    }
  }
}
