package org.tidbbinlog.pump.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.tidbbinlog.base.OperatorException;

/** The {@code data-dir}: made with mode 0700 when it is not there. Source: pump section 5. */
final class DataDirectory {
  private DataDirectory() {}

  static void prepare(Path directory) {
    if (Files.isDirectory(directory)) {
      return;
    }
    try {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw new OperatorException(
          "data-dir " + directory + " cannot be made: " + e + ": choose a writable directory", e);
    }
  }
}
