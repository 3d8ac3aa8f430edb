package org.tidbbinlog.node.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;

/** Rotation by size, hour and day, on a clock of our own. */
class RotatedFileTest {
  private static final ZoneId SHANGHAI = ZoneId.of("Asia/Shanghai");
  private final Path folder;
  private Instant now = Instant.parse("2026-11-22T15:40:00Z"); // 23:40 in Shanghai

  RotatedFileTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void size_overLimit_startsANewFile() throws IOException {
    RotatedFile file = open(LogRotation.SIZE_ONLY, 10);
    write(file, "123456\n");
    write(file, "abcdef\n");
    now = now.plusSeconds(1);
    write(file, "ABCDEF\n");
    assertThat(files())
        .containsExactly(
            "pump-2026-11-22T23-40-00.000.log=123456\n",
            "pump-2026-11-22T23-40-01.000.log=abcdef\n",
            "pump.log=ABCDEF\n");
  }

  @Test
  void hour_over_startsANewFile() throws IOException {
    RotatedFile file = open(LogRotation.HOUR, 1000);
    write(file, "a\n");
    now = now.plus(Duration.ofMinutes(19));
    write(file, "b\n");
    now = now.plus(Duration.ofMinutes(1));
    write(file, "c\n");
    assertThat(files()).containsExactly("pump-2026-11-23T00-00-00.000.log=a\nb\n", "pump.log=c\n");
  }

  @Test
  void day_overWhileStopped_oldFileIsPutAside() throws IOException {
    Files.writeString(folder.resolve("pump.log"), "yesterday\n");
    Files.setLastModifiedTime(
        folder.resolve("pump.log"), FileTime.from(now.minus(Duration.ofDays(1))));
    RotatedFile file = open(LogRotation.DAY, 1000);
    write(file, "today\n");
    now = now.plus(Duration.ofMinutes(20)); // midnight in Shanghai
    write(file, "tomorrow\n");
    assertThat(files())
        .containsExactly(
            "pump-2026-11-22T23-40-00.000.log=yesterday\n",
            "pump-2026-11-23T00-00-00.000.log=today\n",
            "pump.log=tomorrow\n");
  }

  @Test
  void open_impossible_isToldInOneLine() {
    assertThatThrownBy(() -> RotatedFile.open(folder, LogRotation.SIZE_ONLY, clock(), 10, SHANGHAI))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("can't use directory as log file name");
    assertThat(LogRotation.of("hour")).isEqualTo(LogRotation.HOUR);
    assertThatThrownBy(() -> LogRotation.of("week")).hasMessageContaining("hour, day");
  }

  private RotatedFile open(LogRotation rotation, long maxBytes) {
    return RotatedFile.open(folder.resolve("pump.log"), rotation, clock(), maxBytes, SHANGHAI);
  }

  private static void write(RotatedFile file, String line) throws IOException {
    file.write(line.getBytes(StandardCharsets.UTF_8));
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .sorted()
          .map(
              path -> {
                try {
                  return path.getFileName() + "=" + Files.readString(path);
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              })
          .toList();
    }
  }

  private Clock clock() {
    return new Clock() {
      @Override
      public Instant now() {
        return now;
      }

      @Override
      public long nanoTime() {
        return 0;
      }

      @Override
      public void sleep(Duration duration) {}
    };
  }
}
