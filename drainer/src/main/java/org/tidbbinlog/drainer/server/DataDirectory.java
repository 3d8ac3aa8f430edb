package org.tidbbinlog.drainer.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.node.process.DurableFile;
import org.tidbbinlog.node.process.ExclusiveFile;

/**
 * The data directory of one Drainer, locked while it runs: two processes in one would overwrite
 * each other's checkpoint. It also keeps the node id, so that a changed host name does not make a
 * new node. Source: drainer sections 3 and 4.
 *
 * <pre>
 * .lock       held by the running process
 * .node       the node id, no newline
 * savepoint   checkpoint of targets without one of their own
 * spill/      large transactions under way
 * </pre>
 */
final class DataDirectory implements AutoCloseable {
  private static final String LOCK = ".lock";
  private static final String NODE = ".node";

  private final Path folder;
  private final ExclusiveFile lock;

  private DataDirectory(Path folder, ExclusiveFile lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /** Makes it with mode 0700 when it is not there, and locks it. */
  static DataDirectory open(Path folder) {
    try {
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      ExclusiveFile lock =
          ExclusiveFile.tryHold(folder.resolve(LOCK)).orElseThrow(() -> inUse(folder));
      return new DataDirectory(folder, lock);
    } catch (IOException e) {
      throw new OperatorException(
          "data-dir " + folder + " cannot be used: " + e + "; choose a writable directory", e);
    }
  }

  private static OperatorException inUse(Path folder) {
    return new OperatorException(
        "data-dir "
            + folder
            + " is in use by another drainer: stop that one, or give this one another data-dir");
  }

  Path folder() {
    return folder;
  }

  /**
   * Who this Drainer is: what the directory says; at the first start the option, else the fallback.
   *
   * @throws OperatorException when the option contradicts the directory
   */
  String nodeId(String option, String fallback) {
    Path file = folder.resolve(NODE);
    try {
      if (!Files.isRegularFile(file)) {
        String id = option.isEmpty() ? fallback : option;
        DurableFile.replace(file, id.getBytes(StandardCharsets.UTF_8), DurableFile.READABLE);
        return id;
      }
      String kept = Files.readString(file).strip();
      if (!option.isEmpty() && !option.equals(kept)) {
        throw new OperatorException(
            "data-dir "
                + folder
                + " belongs to the node "
                + kept
                + ", but node-id is "
                + option
                + ": give the right data-dir, or remove "
                + file
                + " after marking the node "
                + kept
                + " offline");
      }
      return kept;
    } catch (IOException e) {
      throw new OperatorException("node id file " + file + " cannot be used: " + e, e);
    }
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new OperatorException("data-dir " + folder + " cannot be unlocked: " + e, e);
    }
  }
}
