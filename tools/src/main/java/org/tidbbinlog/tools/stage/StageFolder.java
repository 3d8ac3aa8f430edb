package org.tidbbinlog.tools.stage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.testkit.mariadb.FileTrees;

/**
 * Where a {@link Stage} keeps data and logs: a folder of its own that is gone afterwards, or one
 * that the user names, which stays. PD and TiKV are made up anew each time, so what an earlier
 * stage left there is of no use and is removed; anything else in the folder is not touched. The
 * file {@code .tidb-binlog-stage} tells such a folder, and is locked while it is in use.
 */
public final class StageFolder implements AutoCloseable {
  private static final String MARK = ".tidb-binlog-stage";

  /** What a stage and its commands write. */
  private static final String OURS =
      "bench|mariadb|mariadb\\.tmp|(pump|drainer)-\\d+(\\..*)?|drainer\\.toml|tidb-binlog\\.log";

  /** Whose folder it is. */
  private enum Kind {
    TEMPORARY,
    NAMED
  }

  private final Path path;
  private final Kind kind;
  private final FileChannel mark;
  private final boolean usedBefore;

  private StageFolder(Path path, Kind kind, FileChannel mark, boolean usedBefore) {
    this.path = path;
    this.kind = kind;
    this.mark = mark;
    this.usedBefore = usedBefore;
  }

  /**
   * @param named the user's choice; empty = a temporary folder whose name begins with {@code
   *     prefix}
   * @throws OperatorException when another process uses it, or it holds something else
   */
  public static StageFolder open(Optional<Path> named, String prefix) {
    try {
      if (named.isEmpty()) {
        return lock(Files.createTempDirectory(prefix), Kind.TEMPORARY);
      }
      StageFolder folder = lock(Files.createDirectories(named.get()).toAbsolutePath(), Kind.NAMED);
      for (Path old : folder.oursInside()) {
        FileTrees.delete(old);
      }
      return folder;
    } catch (IOException e) {
      throw new OperatorException("cannot use the data folder: " + e, e);
    }
  }

  private static StageFolder lock(Path path, Kind kind) throws IOException {
    Path file = path.resolve(MARK);
    boolean usedBefore = Files.exists(file);
    if (!usedBefore) {
      requireNothingLikeOurs(path);
    }
    FileChannel mark = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (mark.tryLock() == null) {
        mark.close();
        throw inUse(path);
      }
    } catch (OverlappingFileLockException sameProcess) {
      mark.close();
      throw inUse(path);
    }
    return new StageFolder(path, kind, mark, usedBefore);
  }

  private static OperatorException inUse(Path path) {
    return new OperatorException(
        path + " is in use by another playground or replay; name another folder");
  }

  private static void requireNothingLikeOurs(Path path) throws IOException {
    List<Path> found = ours(path);
    if (!found.isEmpty()) {
      throw new OperatorException(
          found.get(0) + " was not made by a playground or replay; name an empty folder");
    }
  }

  private List<Path> oursInside() throws IOException {
    return ours(path);
  }

  private static List<Path> ours(Path path) throws IOException {
    try (Stream<Path> entries = Files.list(path)) {
      return entries
          .filter(entry -> entry.getFileName().toString().matches(OURS))
          .sorted()
          .toList();
    }
  }

  public Path path() {
    return path;
  }

  /** Whether an earlier run's data was removed. */
  public boolean startsAnew() {
    return usedBefore;
  }

  /** The user named it, so it stays. */
  public boolean isNamed() {
    return kind == Kind.NAMED;
  }

  /** Removes a temporary folder with all that is in it; a named one stays. */
  public void discard() {
    if (kind == Kind.TEMPORARY) {
      try {
        close();
        FileTrees.delete(path);
      } catch (IOException e) {
        throw new UncheckedIOException("removing " + path, e);
      }
    }
  }

  /** Lets go of the folder; all in it stays. */
  @Override
  public void close() {
    try {
      mark.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
