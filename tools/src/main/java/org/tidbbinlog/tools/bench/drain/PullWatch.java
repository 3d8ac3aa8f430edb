package org.tidbbinlog.tools.bench.drain;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;

/** When a Drainer first pulled: what the Pump's log says, which is the same for every Drainer. */
final class PullWatch {
  private static final String OPENED = "[\"pull stream opened\"]";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu/MM/dd HH:mm:ss.SSS XXX");
  private static final int TIME_CHARS = "2026/01/01 00:00:00.000 +00:00".length();

  private final Path log;
  private final int seenBefore;

  /** From here on. */
  PullWatch(Path log) {
    this.log = log;
    this.seenBefore = opened().size();
  }

  Optional<Instant> firstPull() {
    List<String> lines = opened();
    return lines.size() > seenBefore ? Optional.of(time(lines.get(seenBefore))) : Optional.empty();
  }

  private List<String> opened() {
    try {
      return Files.readAllLines(log).stream().filter(line -> line.contains(OPENED)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Instant time(String line) {
    return OffsetDateTime.parse(line.substring(1, 1 + TIME_CHARS), TIME).toInstant();
  }
}
