package org.tidbbinlog.testkit.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.tidbbinlog.node.config.Option;
import org.tidbbinlog.node.config.Settings;
import org.tidbbinlog.node.config.Values;

/**
 * A file of {@code conf/}: what an operator begins with must be complete and right. Keys that are
 * off stand behind a {@code #} without a space; comments have one.
 */
public record SampleConfig(Path file) {
  /** {@code name} as in {@code conf/pump.toml}. */
  public static SampleConfig named(String name) {
    return new SampleConfig(Path.of(System.getProperty("project.root", ".."), "conf", name));
  }

  /** The arguments that make a command read it. */
  public List<String> arguments() {
    return List.of("-config", file.toString());
  }

  /** The keys of {@code settings} that the file does not mention, set or off. */
  public List<String> missingKeys(Settings settings, Path scratch) throws IOException {
    Path all = scratch.resolve("all.toml");
    List<String> lines =
        Files.readAllLines(file).stream()
            .map(line -> line.matches("#[^ ].*") ? line.substring(1) : line)
            .toList();
    Files.write(all, lines);
    Values values = settings.parse(List.of("-config", all.toString()), Map.of());
    return settings.options().stream()
        .filter(option -> !option.key().isEmpty() && !values.isSet(option))
        .map(Option::key)
        .toList();
  }
}
