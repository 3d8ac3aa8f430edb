package org.tidbbinlog.drainer.checkpoint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.CheckpointStore;
import org.tidbbinlog.node.process.DurableFile;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;

/**
 * The checkpoint as the original's {@code savepoint} file, readable and writable by every era of
 * it. A power cut leaves the old or the new one. Source: drainer section 6.
 *
 * <pre>
 * consistent = false
 * commitTS = 470643042433728368
 * schema-version = 110
 * </pre>
 */
public final class FileCheckpointStore implements CheckpointStore {
  private final Path file;

  /**
   * @param file usually {@code <data-dir>/savepoint}; its folder must exist
   */
  public FileCheckpointStore(Path file) {
    this.file = file;
  }

  @Override
  public Optional<Checkpoint> load() {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    TomlParseResult toml;
    try {
      toml = Toml.parse(Files.readString(file));
    } catch (IOException e) {
      throw new OperatorException("checkpoint file " + file + " cannot be read: " + e, e);
    }
    if (toml.hasErrors()) {
      throw new OperatorException(
          "checkpoint file "
              + file
              + " is damaged: "
              + toml.errors().get(0).getMessage()
              + "; put back a copy, or remove it and give initial-commit-ts");
    }
    Tso commitTs = new Tso(number(toml, "commitTS"));
    if (commitTs.isZero()) {
      return Optional.empty();
    }
    boolean consistent =
        toml.isBoolean("consistent") && Boolean.TRUE.equals(toml.getBoolean("consistent"));
    return Optional.of(
        new Checkpoint(consistent, commitTs, Map.of(), number(toml, "schema-version")));
  }

  private long number(TomlParseResult toml, String key) {
    if (!toml.contains(key)) {
      return 0;
    }
    Long value = toml.isLong(key) ? toml.getLong(key) : null;
    if (value == null) {
      throw new OperatorException(
          "checkpoint file " + file + ": " + key + " is not a number: " + toml.get(key));
    }
    return value;
  }

  @Override
  public void save(Checkpoint checkpoint) {
    String text =
        "consistent = "
            + checkpoint.consistent()
            + "\ncommitTS = "
            + checkpoint.commitTs()
            + "\nschema-version = "
            + checkpoint.schemaVersion()
            + "\n";
    try {
      DurableFile.replace(file, text.getBytes(StandardCharsets.UTF_8), DurableFile.READABLE);
    } catch (IOException e) {
      throw new RetryableException("checkpoint file " + file + " cannot be written: " + e, e);
    }
  }

  @Override
  public void close() {}
}
