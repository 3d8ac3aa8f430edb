package org.tidbbinlog.tools.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.OperatorException;

/** What may be removed, and what not. */
class StageFolderTest {
  @TempDir Path dir;

  @Test
  void named_usedBefore_losesOnlyWhatStagesWrite() throws Exception {
    try (StageFolder first = open()) {
      assertThat(first.startsAnew()).isFalse();
      Files.createDirectories(dir.resolve("pump-1/value"));
      Files.writeString(dir.resolve("drainer-1.1.log"), "x");
      Files.writeString(dir.resolve("pump-1/value/000"), "x");
      Files.writeString(dir.resolve("notes.txt"), "mine");
      first.discard();
    }
    assertThat(dir.resolve("pump-1/value/000")).exists();
    try (StageFolder second = open()) {
      assertThat(second.startsAnew()).isTrue();
      assertThat(dir.resolve("notes.txt")).hasContent("mine");
      assertThat(dir.resolve("pump-1")).doesNotExist();
      assertThat(dir.resolve("drainer-1.1.log")).doesNotExist();
    }
  }

  @Test
  void named_withDataOfSomethingElse_isRefused() throws Exception {
    Files.createDirectory(dir.resolve("mariadb"));
    assertThatThrownBy(this::open)
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("mariadb was not made by a playground or replay");
    assertThat(dir.resolve("mariadb")).exists();
  }

  @Test
  void named_inUse_isRefused() {
    try (StageFolder first = open()) {
      assertThat(first.path()).isEqualTo(dir);
      assertThatThrownBy(this::open)
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("is in use by another playground or replay");
    }
  }

  @Test
  void temporary_discarded_isGone() throws Exception {
    Path path;
    try (StageFolder folder = StageFolder.open(Optional.empty(), "stage-folder-test-")) {
      path = folder.path();
      Files.createDirectories(path.resolve("anything/below"));
      folder.discard();
    }
    assertThat(path).doesNotExist();
  }

  private StageFolder open() {
    return StageFolder.open(Optional.of(dir), "unused");
  }
}
