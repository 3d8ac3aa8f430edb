package org.tidbbinlog.node.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against flock(1), a process that locks as the original does. */
@Timeout(60)
class ExclusiveFileTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve(".lock");
  }

  @Test
  void held_refusesASecondHolder_alsoInThisProcess() throws IOException {
    ExclusiveFile first = ExclusiveFile.tryHold(file).orElseThrow();
    assertThat(ExclusiveFile.tryHold(file)).isEmpty();
    first.close();
    ExclusiveFile.tryHold(file).orElseThrow().close();
    assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
  }

  @Test
  void held_refusesFlock_untilClosed() throws Exception {
    try (ExclusiveFile held = ExclusiveFile.tryHold(file).orElseThrow()) {
      assertThat(held).isNotNull();
      assertThat(flock("-n", file.toString(), "true")).isEqualTo(1);
    }
    assertThat(flock("-n", file.toString(), "true")).isZero();
  }

  @Test
  void heldByFlock_isRefused_untilItEnds() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/flock")), "flock of util-linux");
    Process holder =
        new ProcessBuilder("flock", file.toString(), "sh", "-c", "echo held; exec sleep 50")
            .start();
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("held");
      assertThat(ExclusiveFile.tryHold(file)).isEmpty();
    } finally {
      holder.descendants().forEach(ProcessHandle::destroyForcibly);
      holder.destroyForcibly().waitFor();
    }
    // The orphan of a killed holder has the file open for a moment longer.
    for (int i = 0; i < 100; i++) {
      Optional<ExclusiveFile> mine = ExclusiveFile.tryHold(file);
      if (mine.isPresent()) {
        mine.get().close();
        return;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("still held");
  }

  @Test
  void withoutLibC_theLockOfTheJdkStandsIn() throws IOException {
    try (ExclusiveFile held = ExclusiveFile.tryHold(file, Optional.empty()).orElseThrow()) {
      assertThat(held).isNotNull();
      assertThat(ExclusiveFile.tryHold(file, Optional.empty())).isEmpty();
    }
  }

  private static int flock(String... arguments) throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/flock")), "flock of util-linux");
    String[] command = new String[arguments.length + 1];
    command[0] = "flock";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    return new ProcessBuilder(command).start().waitFor();
  }
}
