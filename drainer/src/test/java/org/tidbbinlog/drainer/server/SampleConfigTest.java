package org.tidbbinlog.drainer.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.testkit.config.SampleConfig;

/** {@code conf/drainer.toml}. */
class SampleConfigTest {
  private static final SampleConfig SAMPLE = SampleConfig.named("drainer.toml");

  @Test
  void sample_asItIs_isAccepted() {
    assertThat(DrainerConfig.parse(SAMPLE.arguments(), Map.of()).settings()).isNotNull();
  }

  @Test
  void sample_allKeysSet_namesEveryKeyThereIs(@TempDir Path folder) throws IOException {
    assertThat(SAMPLE.missingKeys(new DrainerOptions().settings, folder)).isEmpty();
  }
}
