package org.tidbbinlog.node.process;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Replaces a small file so that a power cut leaves the old content or the new one, never a part:
 * written beside it as {@code <name>.next}, forced, renamed, and the folder forced. One writer at a
 * time.
 */
public final class DurableFile {
  private DurableFile() {}

  /** Whoever may enter the folder may read it. */
  public static final String READABLE = "rw-r--r--";

  public static final String OWNER_ONLY = "rw-------";

  /**
   * On return the content is on disk.
   *
   * @param permissions of the new file, whatever the process's umask is
   */
  public static void replace(Path file, byte[] content, String permissions) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".next");
    Files.deleteIfExists(next);
    try (FileChannel out =
        FileChannel.open(next, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      permit(next, PosixFilePermissions.fromString(permissions));
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
    rename(next, file);
  }

  /** The same for what somebody else has written to a file in the same folder. */
  static void putInPlace(Path written, Path file) throws IOException {
    try (FileChannel content = FileChannel.open(written, StandardOpenOption.READ)) {
      content.force(true);
    }
    rename(written, file);
  }

  private static void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    forceFolder(to);
  }

  private static void permit(Path file, Set<PosixFilePermission> permissions) throws IOException {
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(file, permissions);
    }
  }

  /** Else a file's new name is only in the kernel's memory. */
  public static void forceFolder(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
        entries.force(true);
      }
    }
  }
}
