package org.tidbbinlog.tools.binlogctl;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.time.TimeSource;
import org.tidbbinlog.node.process.DurableFile;

/**
 * The file that a Drainer starts from: {@code commitTS = <TSO>} and, on request, the time as
 * comment lines (the original writes them bare, which its own Drainer cannot read). Source:
 * binlogctl section 3.
 */
final class Savepoint {
  private static final Logger LOG = LoggerFactory.getLogger(Savepoint.class);
  private static final Duration SLOW = Duration.ofMillis(30);

  private final Path folder;

  Savepoint(Path folder) {
    this.folder = folder;
  }

  void generate(TimeSource time, String zone) throws InterruptedException {
    long begunNs = System.nanoTime();
    Tso ts = time.next();
    Duration took = Duration.ofNanos(System.nanoTime() - begunNs);
    if (took.compareTo(SLOW) > 0) {
      LOG.atWarn().addKeyValue("take", took.toMillis() + "ms").log("get timestamp too slow");
    }
    write(ts, zone);
    LOG.atInfo().addKeyValue("meta", "commitTS: " + ts).log("save meta");
  }

  /** Replaces the file at once, after its bytes are on disk. */
  void write(Tso ts, String zone) {
    StringBuilder text = new StringBuilder("commitTS = " + ts + "\n");
    zone(zone)
        .ifPresent(
            local -> {
              text.append("# ").append(GoTime.in(ts, ZoneOffset.UTC)).append('\n');
              text.append("# ").append(GoTime.in(ts, local)).append('\n');
            });
    Path file = folder.resolve("savepoint");
    try {
      makeFolder();
      DurableFile.replace(
          file, text.toString().getBytes(StandardCharsets.UTF_8), DurableFile.READABLE);
    } catch (IOException e) {
      throw new OperatorException("cannot write " + file + ": " + e, e);
    }
  }

  private void makeFolder() throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
      permit(folder, "rwx------");
    }
  }

  private static void permit(Path path, String permissions) throws IOException {
    if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }
  }

  private static Optional<ZoneId> zone(String name) {
    if (name.isEmpty()) {
      return Optional.empty();
    }
    if (name.equals("Local")) {
      return Optional.of(ZoneId.systemDefault());
    }
    try {
      return Optional.of(ZoneId.of(name));
    } catch (DateTimeException e) {
      LOG.atWarn()
          .addKeyValue("time-zone", name)
          .addKeyValue("error", e.getMessage())
          .log("fail to load location");
      return Optional.empty();
    }
  }
}
