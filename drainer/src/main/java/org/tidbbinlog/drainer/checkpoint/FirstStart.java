package org.tidbbinlog.drainer.checkpoint;

import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Checkpoint;

/**
 * Where to start when the target's store holds no checkpoint: a savepoint file in the data
 * directory, left by an original Drainer or made by {@code binlogctl -cmd generate_meta}, is gone
 * on from like a row, unless the configuration names a commit timestamp.
 *
 * @param commitTs everything up to here is at the target
 * @param savepoint what the file says, when it is the file that says where
 */
public record FirstStart(Tso commitTs, Optional<Checkpoint> savepoint) {
  /** The file's name in a data directory. */
  public static final String FILE = "savepoint";

  private static final Logger LOG = LoggerFactory.getLogger(FirstStart.class);
  private static final String INITIAL = "initial-commit-ts";

  public static FirstStart at(Tso commitTs) {
    return new FirstStart(commitTs, Optional.empty());
  }

  /** The configuration's {@code initial-commit-ts}: -1, the default, means now. */
  public record Configured(long initialCommitTs) {
    private boolean isExplicit() {
      return initialCommitTs >= 0;
    }

    private Tso or(Tso now) {
      return isExplicit() ? new Tso(initialCommitTs) : now;
    }
  }

  /**
   * Looks and tells in the log what decided.
   *
   * @param stored what the target's store holds; beside it no file counts
   * @param now of the upstream's clock
   * @throws OperatorException when the file decides and cannot be read, or lies in the future
   */
  public static FirstStart choose(
      Optional<Checkpoint> stored, Configured configured, Path dataDir, Tso now) {
    Path file = dataDir.resolve(FILE);
    FileCheckpointStore savepoint = new FileCheckpointStore(file);
    FirstStart withoutFile = at(configured.or(now));
    if (stored.isPresent() || configured.isExplicit()) {
      passOver(savepoint, file, stored, withoutFile.commitTs());
      return withoutFile;
    }
    return savepoint.load().map(found -> behind(found, file, now)).orElse(withoutFile);
  }

  private static FirstStart behind(Checkpoint found, Path file, Tso now) {
    if (found.commitTs().isAfter(now)) {
      throw new OperatorException(
          "savepoint file "
              + file
              + ": commitTS "
              + found.commitTs()
              + " lies behind the cluster's present time, "
              + now
              + ": the file is another cluster's or damaged; put the right one there, or remove it"
              + " and give initial-commit-ts");
    }
    LOG.atInfo()
        .addKeyValue("file", file)
        .addKeyValue("commit-ts", found.commitTs())
        .addKeyValue("consistent", found.consistent())
        .addKeyValue("schema-version", found.schemaVersion())
        .log("savepoint file decides: no checkpoint is stored, start is behind its commit ts");
    return new FirstStart(found.commitTs(), Optional.of(found));
  }

  private static void passOver(
      FileCheckpointStore savepoint, Path file, Optional<Checkpoint> stored, Tso initial) {
    try {
      savepoint.load().ifPresent(found -> tellDifference(found.commitTs(), file, stored, initial));
    } catch (OperatorException e) {
      LOG.atWarn()
          .addKeyValue("file", file)
          .addKeyValue("error", e.getMessage())
          .log("savepoint file passed over: it cannot be read, and does not decide");
    }
  }

  private static void tellDifference(
      Tso found, Path file, Optional<Checkpoint> stored, Tso initial) {
    if (stored.isEmpty() && !found.equals(initial)) {
      LOG.atWarn()
          .addKeyValue("file", file)
          .addKeyValue("commit-ts", found)
          .addKeyValue(INITIAL, initial)
          .log("savepoint file passed over: initial-commit-ts is given and differs");
    }
    stored
        .map(Checkpoint::commitTs)
        .filter(found::isAfter)
        .ifPresent(
            checkpoint ->
                LOG.atInfo()
                    .addKeyValue("file", file)
                    .addKeyValue("commit-ts", found)
                    .addKeyValue("checkpoint", checkpoint)
                    .log(
                        "savepoint file passed over: the stored checkpoint decides, and is older"));
  }
}
