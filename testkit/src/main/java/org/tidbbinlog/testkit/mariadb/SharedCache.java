package org.tidbbinlog.testkit.mariadb;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Directories made once per machine and shared by processes. An entry appears by an atomic rename,
 * so that it is there whole or not at all; a lock file keeps two processes from making it twice.
 */
final class SharedCache {
  /** Fills an empty directory. */
  interface Filler {
    void fill(Path directory) throws IOException;
  }

  private static final Object IN_PROCESS = new Object();

  private SharedCache() {}

  /** {@code tidb-binlog.cache}, else {@code $XDG_CACHE_HOME}, else {@code ~/.cache}, else temp. */
  static Path root() throws IOException {
    String set = System.getProperty("tidb-binlog.cache", "");
    if (!set.isEmpty()) {
      return Files.createDirectories(Path.of(set));
    }
    String xdg = System.getenv().getOrDefault("XDG_CACHE_HOME", "");
    Path home = xdg.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
    Path wanted = home.resolve("tidb-binlog");
    try {
      Files.createDirectories(wanted);
      if (Files.isWritable(wanted)) {
        return wanted;
      }
    } catch (IOException notThere) {
      // The temporary directory serves as well, only less long.
    }
    String user = System.getProperty("user.name", "user");
    return Files.createDirectories(
        Path.of(System.getProperty("java.io.tmpdir"), "tidb-binlog-cache-" + user));
  }

  static Path entry(String name, Filler filler) throws IOException {
    Path root = root();
    Path entry = root.resolve(name);
    if (Files.isDirectory(entry)) {
      return entry;
    }
    synchronized (IN_PROCESS) {
      try (FileChannel channel =
              FileChannel.open(
                  root.resolve(name + ".lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        if (!lock.isValid() || Files.isDirectory(entry)) {
          return entry;
        }
        Path making = root.resolve(name + ".making");
        FileTrees.delete(making);
        Files.createDirectories(making);
        filler.fill(making);
        Files.move(making, entry, StandardCopyOption.ATOMIC_MOVE);
        return entry;
      }
    }
  }
}
