package org.tidbbinlog.tools.bench.drain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.testkit.capture.Capture;
import org.tidbbinlog.testkit.capture.CaptureReader;
import org.tidbbinlog.tools.compare.Truth;

class ProfileTest {
  @TempDir private Path dir;

  @Test
  @Timeout(60)
  void everyProfile_writesACaptureThatTellsItsTruth() {
    for (Profile profile : Profile.values()) {
      Capture capture = profile.write(dir.resolve(profile.toString()), 0.001);

      try (CaptureReader reader = capture.binlogs()) {
        assertThat(reader.hasNext()).as("binlogs of %s", profile).isTrue();
      }
      assertThat(capture.meta()).as("meta of %s", profile).isNotEmpty();
      assertThat(Truth.read(capture.truth().orElseThrow())).isNotNull();
      assertThat(new Profile.Reader().convert(profile.toString())).isEqualTo(profile);
    }
  }
}
