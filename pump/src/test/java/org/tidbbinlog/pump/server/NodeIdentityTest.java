package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.OperatorException;

final class NodeIdentityTest {
  @Test
  @DisplayName("pump fact 1: a first start without an id keeps exactly host:port, no newline")
  void firstStart_keepsHostAndPort(@TempDir Path dir) throws IOException {
    assertThat(NodeIdentity.settle(dir, "", "h:8250")).isEqualTo("h:8250");
    assertThat(dir.resolve(".node")).hasBinaryContent("h:8250".getBytes(StandardCharsets.US_ASCII));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve(".node"))))
        .isEqualTo("rw-------");
  }

  @Test
  @DisplayName("pump fact 2: -node-id on an empty directory is used, and kept for later starts")
  void option_onEmptyDirectory_isKept(@TempDir Path dir) {
    assertThat(NodeIdentity.settle(dir, "x", "h:8250")).isEqualTo("x");
    assertThat(NodeIdentity.settle(dir, "", "h:8250")).isEqualTo("x");
  }

  @Test
  void file_winsOverOption_andIsTrimmed(@TempDir Path dir) throws IOException {
    Files.writeString(dir.resolve(".node"), " kept\n");
    assertThat(NodeIdentity.settle(dir, "other", "h:8250")).isEqualTo("kept");
  }

  @Test
  void directoryInPlaceOfFile_isPassedOverOnlyWithOption(@TempDir Path dir) throws IOException {
    Files.createDirectory(dir.resolve(".node"));
    assertThat(NodeIdentity.settle(dir, "x", "h:8250")).isEqualTo("x");
    assertThatThrownBy(() -> NodeIdentity.settle(dir, "", "h:8250"))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining(".node is not a file");
  }

  @Test
  void idWithSlash_isRefused(@TempDir Path dir) {
    assertThatThrownBy(() -> NodeIdentity.settle(dir, "a/b", "h:8250"))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("'a/b'");
  }
}
