package org.tidbbinlog.node.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFileTest {
  private final Path folder;
  private final Path file;

  DurableFileTest(@TempDir Path folder) {
    this.folder = folder;
    this.file = folder.resolve("savepoint");
  }

  private void replace(String content) throws IOException {
    DurableFile.replace(file, content.getBytes(UTF_8), DurableFile.READABLE);
  }

  @Test
  void replacing_makesAndOverwrites_andLeavesNothingBeside() throws IOException {
    replace("a longer first content");
    assertThat(file).hasContent("a longer first content");
    replace("second");
    assertThat(file).hasContent("second");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void replacing_afterACrashInTheMiddle_ignoresWhatWasLeft() throws IOException {
    Files.writeString(folder.resolve("savepoint.next"), "half of a much longer cont");
    replace("whole");
    assertThat(file).hasContent("whole");
  }

  @Test
  void replacing_thatFails_leavesTheOldContent() throws IOException {
    replace("old");
    Path inTheWay = Files.createDirectories(folder.resolve("savepoint.next/x")).getParent();
    assertThatThrownBy(() -> replace("new")).isInstanceOf(IOException.class);
    assertThat(file).hasContent("old");
    assertThat(inTheWay).isDirectory();
  }

  @Test
  void permissions_areAsAsked() throws IOException {
    DurableFile.replace(file, new byte[1], DurableFile.OWNER_ONLY);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    replace("again");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r--r--");
  }
}
