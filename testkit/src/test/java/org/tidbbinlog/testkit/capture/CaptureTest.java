package org.tidbbinlog.testkit.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.OperatorException;

class CaptureTest {
  private final Path captures = Path.of(System.getProperty("captures.dir"));

  @Test
  void capture_ofKeys_holdsEveryMessageAndMetaKey() {
    Capture capture = Capture.open(captures.resolve("02-keys"));
    assertThat(Long.toUnsignedString(capture.clusterId())).isEqualTo("7711015224922294932");
    assertThat(messages(capture)).hasSize(101);
    assertThat(capture.meta()).hasSizeGreaterThan(190);
    assertThat(capture.truth()).hasValueSatisfying(p -> assertThat(p).hasFileName("final.tsv"));
  }

  @Test
  void capture_written_isReadBackTheSame(@TempDir Path folder) {
    Capture original = Capture.open(captures.resolve("05-exchange"));
    try (CaptureWriter writer =
        CaptureWriter.create(folder.resolve("copy"), original.clusterId())) {
      messages(original).forEach(writer::append);
      writer.writeMeta(original.meta());
      writer.writeHistory(List.of("{}".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
    }
    Capture copy = Capture.open(folder.resolve("copy"));
    assertThat(copy.clusterId()).isEqualTo(original.clusterId());
    assertThat(messages(copy)).containsExactlyElementsOf(messages(original));
    assertThat(copy.meta()).hasSameSizeAs(original.meta());
    assertThat(copy.truth()).isEmpty();
  }

  @Test
  void folder_withoutBinlogs_isRefusedByName(@TempDir Path folder) {
    assertThatThrownBy(() -> Capture.open(folder))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("binlogs.bin.gz is missing");
  }

  private static List<byte[]> messages(Capture capture) {
    List<byte[]> messages = new ArrayList<>();
    try (CaptureReader reader = capture.binlogs()) {
      reader.forEachRemaining(messages::add);
    }
    return messages;
  }
}
