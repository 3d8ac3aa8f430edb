package org.tidbbinlog.tools.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code bench disk}: the most that one file can be grown and forced. */
@Command(
    name = "disk",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Appends pieces to one file, forces it (fdatasync) after each group, and says how fast: what"
            + " a Pump's disk takes at most.",
    footer = {"", "Example:", "  tidb-binlog bench disk --value-size 262144 --group 16"})
final class DiskBench implements Callable<Integer> {
  @Option(names = "--dir", paramLabel = "DIR", description = "where (default: temporary folder)")
  private Path dir = Path.of(System.getProperty("java.io.tmpdir"));

  @Option(names = "--value-size", paramLabel = "S", description = "bytes of a piece (262144)")
  private int valueSize = 256 << 10;

  @Option(names = "--group", paramLabel = "N", description = "pieces between two forces (16)")
  private int group = 16;

  @Option(names = "--bytes", paramLabel = "N", description = "in all (default 1 GiB)")
  private long bytes = 1L << 30;

  @Option(names = "--json", description = "print the result as one JSON object")
  private boolean json;

  @Override
  public Integer call() {
    try {
      Path file = Files.createTempFile(dir, "bench-disk", ".bin");
      try {
        measure(file);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return 0;
  }

  private void measure(Path file) throws IOException {
    ByteBuffer piece = ByteBuffer.allocateDirect(valueSize);
    byte[] noise = new byte[valueSize];
    new Random(1).nextBytes(noise);
    piece.put(noise).flip();
    Histogram groups = new Histogram(TimeUnit.MINUTES.toNanos(10), 3);
    long written = 0;
    long beginNs = System.nanoTime();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      while (written < bytes) {
        long groupNs = System.nanoTime();
        for (int i = 0; i < group; i++) {
          written += channel.write(piece.rewind(), written);
        }
        channel.force(false);
        groups.recordValue(System.nanoTime() - groupNs);
      }
    }
    double seconds = (System.nanoTime() - beginNs) / 1e9;
    report(written / seconds / 1e6, groups.getTotalCount() / seconds, groups);
  }

  private void report(double megabytes, double forces, Histogram groups) {
    String format =
        json
            ? "{\"value_bytes\":%d,\"group\":%d,\"mb_per_second\":%.1f,\"forces_per_second\":%.1f,"
                + "\"group_ms\":{\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f}}%n"
            : "disk      pieces of %,d bytes, %d a force: %.1f MB/s, %.0f forces/s%n"
                + "group     p50 %.2f ms, p99 %.2f ms, max %.2f ms%n";
    System.out.printf(
        format,
        valueSize,
        group,
        megabytes,
        forces,
        groups.getValueAtPercentile(50) / 1e6,
        groups.getValueAtPercentile(99) / 1e6,
        groups.getMaxValue() / 1e6);
  }
}
