package org.tidbbinlog.drainer.source;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.node.process.MappedFile;

/**
 * Where payloads too large for the heap go: each into a file whose name is taken away as soon as it
 * is open, so that the space comes back when it is let go, also after a crash (I10).
 *
 * @param thresholdBytes payloads above go to a file
 */
public record SpillFolder(Path folder, int thresholdBytes) {
  private static final int CHUNK_BYTES = 1 << 16;
  private static final String SUFFIX = ".spill";

  /** Removes what a crash left behind; only under the data directory's lock. */
  public void clean() {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      for (Path file : leftovers) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw new OperatorException(
          "folder " + folder + " cannot be cleaned: " + e + "; make it writable or remove it", e);
    }
  }

  /** Reads the next {@code size} bytes. */
  PulledPayload read(CodedInputStream in, int size) throws IOException {
    return size <= thresholdBytes
        ? PulledPayload.of(Payload.of(in.readRawBytes(size)))
        : spill(in, size);
  }

  private PulledPayload spill(CodedInputStream in, int size) throws IOException {
    Path file;
    try {
      Files.createDirectories(folder);
      file = Files.createTempFile(folder, "transaction-", SUFFIX);
    } catch (IOException e) {
      throw new OperatorException(
          "a transaction of " + size + " bytes cannot be put into " + folder + ": " + e, e);
    }
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      Files.delete(file);
      for (int left = size; left > 0; ) {
        byte[] chunk = in.readRawBytes(Math.min(left, CHUNK_BYTES));
        write(out, ByteBuffer.wrap(chunk), size);
        left -= chunk.length;
      }
      return PulledPayload.in(MappedFile.of(out, size));
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
