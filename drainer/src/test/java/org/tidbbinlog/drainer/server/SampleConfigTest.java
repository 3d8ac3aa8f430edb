package org.tidbbinlog.drainer.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.node.config.Option;
import org.tidbbinlog.node.config.Values;

/** {@code conf/drainer.toml} is what an operator begins with: it must be complete and right. */
class SampleConfigTest {
  private static final Path SAMPLE =
      Path.of(System.getProperty("project.root", ".."), "conf", "drainer.toml");

  @Test
  void sample_asItIs_isAccepted() {
    DrainerSettings settings =
        DrainerConfig.parse(List.of("-config", SAMPLE.toString()), Map.of()).settings();
    assertThat(settings).isNotNull();
  }

  @Test
  void sample_allKeysSet_namesEveryKeyThereIs(@TempDir Path folder) throws IOException {
    Path all = folder.resolve("all.toml");
    List<String> lines =
        Files.readAllLines(SAMPLE).stream()
            .map(line -> line.matches("#[^ ].*") ? line.substring(1) : line)
            .toList();
    Files.write(all, lines);
    DrainerOptions options = new DrainerOptions();
    Values values = options.settings.parse(List.of("-config", all.toString()), Map.of());
    assertThat(options.settings.options())
        .filteredOn(option -> !option.key().isEmpty())
        .filteredOn(option -> !values.isSet(option))
        .extracting(Option::key)
        .as("keys that conf/drainer.toml does not mention")
        .isEmpty();
  }
}
