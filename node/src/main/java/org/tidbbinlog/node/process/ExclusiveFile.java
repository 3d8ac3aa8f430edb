package org.tidbbinlog.node.process;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock file held by this process until it closes it or ends, however it ends. It is a {@code
 * flock(2)}, as the Go processes take it: the lock of {@link FileChannel} is a {@code fcntl} one,
 * and the kernel lets both be held at once. Where there is no {@code flock} to call, the latter
 * stands in, with a warning. Only one of the two is taken: on NFS they would refuse each other.
 * Source: pump section 5.
 */
public final class ExclusiveFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ExclusiveFile.class);

  private final Held held;

  private ExclusiveFile(Held held) {
    this.held = held;
  }

  /** Lets go. */
  private interface Held {
    void release() throws IOException;
  }

  /** Takes {@code file}, made with mode 0600 when it is not there; empty when another has it. */
  public static Optional<ExclusiveFile> tryHold(Path file) throws IOException {
    return tryHold(file, Loaded.LIB_C);
  }

  /** With the libc given, so that a test can do without. */
  static Optional<ExclusiveFile> tryHold(Path file, Optional<LibC> libC) throws IOException {
    Optional<Held> held =
        libC.isPresent() ? tryFlock(libC.get(), file) : tryFileLock(opened(file), file);
    return held.map(ExclusiveFile::new);
  }

  private static FileChannel opened(Path file) throws IOException {
    return FileChannel.open(
        file,
        Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  private static Optional<Held> tryFlock(LibC libC, Path file) throws IOException {
    if (!Files.exists(file)) {
      opened(file).close();
    }
    int fd;
    try {
      fd = libC.open(file.toString(), LibC.O_RDWR | LibC.O_CLOEXEC);
    } catch (LastErrorException e) {
      throw new IOException("cannot open " + file + ": " + e.getMessage(), e);
    }
    try {
      libC.flock(fd, LibC.LOCK_EX | LibC.LOCK_NB);
      return Optional.of(() -> libC.close(fd));
    } catch (LastErrorException e) {
      libC.close(fd);
      if (e.getErrorCode() == LibC.EWOULDBLOCK) {
        return Optional.empty();
      }
      throw new IOException("cannot lock " + file + ": " + e.getMessage(), e);
    }
  }

  /** The stand-in; takes over {@code channel}. */
  private static Optional<Held> tryFileLock(FileChannel channel, Path file) throws IOException {
    try {
      if (channel.tryLock() != null) {
        LOG.atWarn()
            .addKeyValue("file", file)
            .log("flock not available, a process of the original is not kept out");
        return Optional.of(channel::close);
      }
    } catch (OverlappingFileLockException e) {
      // Held by this very process: the same answer as when another one holds it.
    }
    channel.close();
    return Optional.empty();
  }

  @Override
  public void close() throws IOException {
    held.release();
  }

  /** The three calls; numbers as on Linux and macOS. */
  interface LibC extends Library {
    int O_RDWR = 2;
    int O_CLOEXEC = Platform.isMac() ? 0x1000000 : 0x80000;
    int LOCK_EX = 2;
    int LOCK_NB = 4;
    int EWOULDBLOCK = Platform.isMac() ? 35 : 11;

    int open(String path, int flags) throws LastErrorException;

    int flock(int fd, int operation) throws LastErrorException;

    int close(int fd) throws LastErrorException;
  }

  /** Looked for once, on first use. */
  private static final class Loaded {
    static final Optional<LibC> LIB_C = find();

    private static Optional<LibC> find() {
      try {
        return Platform.isLinux() || Platform.isMac()
            ? Optional.of(Native.load(Platform.C_LIBRARY_NAME, LibC.class))
            : Optional.empty();
      } catch (LinkageError e) { // no native part for this machine, or a temp folder without exec
        LOG.atWarn().addKeyValue("error", e.getMessage()).log("libc not reachable");
        return Optional.empty();
      }
    }
  }
}
