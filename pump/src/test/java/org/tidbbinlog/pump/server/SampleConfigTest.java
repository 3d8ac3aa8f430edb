package org.tidbbinlog.pump.server;

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

/** {@code conf/pump.toml} is what an operator begins with: it must be complete and right. */
class SampleConfigTest {
  private static final Path SAMPLE =
      Path.of(System.getProperty("project.root", ".."), "conf", "pump.toml");

  @Test
  void sample_asItIs_isAccepted() {
    PumpSettings settings = PumpSettings.parse(List.of("-config", SAMPLE.toString()), Map.of());
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
    PumpOptions options = new PumpOptions();
    Values values = options.settings.parse(List.of("-config", all.toString()), Map.of());
    assertThat(options.settings.options())
        .filteredOn(option -> !option.key().isEmpty())
        .filteredOn(option -> !values.isSet(option))
        .extracting(Option::key)
        .as("keys that conf/pump.toml does not mention")
        .isEmpty();
  }
}
