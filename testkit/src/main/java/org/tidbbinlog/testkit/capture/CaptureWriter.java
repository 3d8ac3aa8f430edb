package org.tidbbinlog.testkit.capture;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.tidbbinlog.base.OperatorException;

/** Writes a folder that {@link Capture} reads. Refuses a folder that already holds a capture. */
public final class CaptureWriter implements AutoCloseable {
  private final Path folder;
  private final OutputStream binlogs;
  private long count;
  private long sizeBytes;

  private CaptureWriter(Path folder, OutputStream binlogs) {
    this.folder = folder;
    this.binlogs = binlogs;
  }

  /**
   * @param clusterId unsigned
   */
  public static CaptureWriter create(Path folder, long clusterId) {
    Path file = folder.resolve(Capture.BINLOGS);
    if (Files.exists(file)) {
      throw new OperatorException(file + " exists already; give a new folder");
    }
    try {
      Files.createDirectories(folder);
      Files.writeString(
          folder.resolve(Capture.CLUSTER_ID), Long.toUnsignedString(clusterId) + "\n");
      return new CaptureWriter(folder, gzip(file));
    } catch (IOException e) {
      throw new OperatorException("cannot write to " + folder + ": " + e.getMessage(), e);
    }
  }

  /** Appends one matched Binlog message; the caller keeps commit order. */
  public void append(byte[] message) {
    int length = message.length;
    byte[] header = {
      (byte) length, (byte) (length >> 8), (byte) (length >> 16), (byte) (length >> 24)
    };
    try {
      binlogs.write(header);
      binlogs.write(message);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to " + folder, e);
    }
    count++;
    sizeBytes += length;
  }

  public long count() {
    return count;
  }

  public long sizeBytes() {
    return sizeBytes;
  }

  /** Writes the meta space as it was after the last binlog. */
  public void writeMeta(List<MetaPair> pairs) {
    HexFormat hex = HexFormat.of();
    try (OutputStream out = gzip(folder.resolve(Capture.META))) {
      for (MetaPair pair : pairs) {
        String line =
            "{\"k\":\"%s\",\"v\":\"%s\"}\n"
                .formatted(hex.formatHex(pair.key()), hex.formatHex(pair.value()));
        out.write(line.getBytes(StandardCharsets.US_ASCII));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("writing to " + folder, e);
    }
  }

  /** Writes the DDL history: the jobs' own JSON texts, in the order given. */
  public void writeHistory(List<byte[]> jobs) {
    try (OutputStream out = gzip(folder.resolve(Capture.HISTORY))) {
      out.write('[');
      for (int i = 0; i < jobs.size(); i++) {
        out.write(i == 0 ? '\n' : ',');
        out.write(jobs.get(i));
      }
      out.write("]\n".getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException("writing to " + folder, e);
    }
  }

  @Override
  public void close() {
    try {
      binlogs.close();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to " + folder, e);
    }
  }

  private static OutputStream gzip(Path file) throws IOException {
    return new BufferedOutputStream(new GZIPOutputStream(Files.newOutputStream(file)), 1 << 16);
  }
}
