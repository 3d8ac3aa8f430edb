package org.tidbbinlog.drainer.checkpoint;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
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
 * it. A power cut leaves the old or the new one. Files of {@code binlogctl -cmd generate_meta} are
 * read too, with the original's two bare lines of time. The original does not force its file to
 * disk, so one without a commit timestamp may be what a power cut left: it is refused, not taken
 * for a first start. Source: drainer section 6, binlogctl section 3.
 *
 * <pre>
 * consistent = false
 * commitTS = 470643042433728368
 * schema-version = 110
 * </pre>
 */
public final class FileCheckpointStore implements CheckpointStore {
  private static final String WAY_OUT =
      "; put back a copy, or give the commit timestamp that the target is at as initial-commit-ts";
  private static final String COMMIT_TS = "commitTS";
  private static final Pattern TIME_LINE =
      Pattern.compile(
          "^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d [+-]\\d{4} \\S+[ \\t]*$", Pattern.MULTILINE);

  private final Path file;

  /**
   * @param file usually {@code <data-dir>/savepoint}; its folder must exist
   */
  public FileCheckpointStore(Path file) {
    this.file = file;
  }

  @Override
  public Optional<Checkpoint> load() {
    if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    TomlParseResult toml = Toml.parse(text());
    if (toml.hasErrors()) {
      throw damaged(toml.errors().get(0).toString());
    }
    if (!toml.contains(COMMIT_TS)) {
      throw damaged("it has no " + COMMIT_TS);
    }
    Tso commitTs = new Tso(number(toml, COMMIT_TS));
    if (commitTs.isZero()) {
      return Optional.empty();
    }
    boolean consistent =
        toml.isBoolean("consistent") && Boolean.TRUE.equals(toml.getBoolean("consistent"));
    return Optional.of(
        new Checkpoint(consistent, commitTs, Map.of(), number(toml, "schema-version")));
  }

  private String text() {
    try {
      return TIME_LINE.matcher(Files.readString(file)).replaceAll("");
    } catch (CharacterCodingException e) {
      throw damaged("it is not text");
    } catch (IOException e) {
      throw new OperatorException("savepoint file " + file + " cannot be read: " + e + WAY_OUT, e);
    }
  }

  private OperatorException damaged(String how) {
    return new OperatorException("savepoint file " + file + " is damaged: " + how + WAY_OUT);
  }

  private long number(TomlParseResult toml, String key) {
    if (!toml.contains(key)) {
      return 0;
    }
    Long value = toml.isLong(key) ? toml.getLong(key) : null;
    if (value == null || value < 0) {
      throw damaged(key + " is not a count: " + toml.get(key));
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
