package org.tidbbinlog.node.log;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;

/**
 * A log file that is renamed to {@code <name>-<time><extension>} and begun anew when it would grow
 * over 300 MB or when an hour or a day of local time is over. Old files are never deleted. Whole
 * lines only: each write lands in one file. Used under the appender's lock.
 */
final class RotatedFile extends OutputStream {
  static final long MAX_BYTES = 300L << 20;
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss.SSS", Locale.ROOT);

  private final Path path;
  private final LogRotation rotation;
  private final Clock clock;
  private final long maxBytes;
  private final ZoneId zone;
  private OutputStream out = OutputStream.nullOutputStream();
  private long sizeBytes;
  private Instant periodEnd = Instant.MAX;

  private RotatedFile(Path path, LogRotation rotation, Clock clock, long maxBytes, ZoneId zone) {
    this.path = path;
    this.rotation = rotation;
    this.clock = clock;
    this.maxBytes = maxBytes;
    this.zone = zone;
  }

  static RotatedFile open(Path path, LogRotation rotation, Clock clock) {
    return open(path, rotation, clock, MAX_BYTES, ZoneId.systemDefault());
  }

  static RotatedFile open(
      Path path, LogRotation rotation, Clock clock, long maxBytes, ZoneId zone) {
    RotatedFile file = new RotatedFile(path, rotation, clock, maxBytes, zone);
    try {
      if (Files.isDirectory(path)) {
        throw new OperatorException("can't use directory as log file name: " + path);
      }
      Path folder = path.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      file.begin();
    } catch (IOException e) {
      throw new OperatorException("cannot open log file " + path + ": " + e, e);
    }
    return file;
  }

  private void begin() throws IOException {
    boolean old = Files.exists(path);
    Instant started = old ? Files.getLastModifiedTime(path).toInstant() : clock.now();
    out = Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    sizeBytes = Files.size(path);
    periodEnd = endOfPeriod(started);
  }

  private Instant endOfPeriod(Instant started) {
    ZonedDateTime local = started.atZone(zone);
    return switch (rotation) {
      case SIZE_ONLY -> Instant.MAX;
      case HOUR -> local.truncatedTo(ChronoUnit.HOURS).plusHours(1).toInstant();
      case DAY -> local.truncatedTo(ChronoUnit.DAYS).plusDays(1).toInstant();
    };
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    boolean full = sizeBytes > 0 && sizeBytes + length > maxBytes;
    if (full || !clock.now().isBefore(periodEnd)) {
      rotate();
    }
    out.write(bytes, offset, length);
    sizeBytes += length;
  }

  private void rotate() throws IOException {
    out.close();
    if (sizeBytes > 0) {
      Files.move(path, freeName());
    }
    begin();
    if (!clock.now().isBefore(periodEnd)) {
      periodEnd = endOfPeriod(clock.now());
    }
  }

  private Path freeName() {
    String name = String.valueOf(path.getFileName());
    int dot = name.lastIndexOf('.');
    String start = dot > 0 ? name.substring(0, dot) : name;
    String extension = dot > 0 ? name.substring(dot) : "";
    String stamp = STAMP.format(clock.now().atZone(zone));
    Path free = path.resolveSibling(start + "-" + stamp + extension);
    for (int i = 1; Files.exists(free); i++) {
      free = path.resolveSibling(start + "-" + stamp + "." + i + extension);
    }
    return free;
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
