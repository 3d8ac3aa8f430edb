package org.tidbbinlog.pump.storage;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.node.process.ExclusiveFile;

/** The real disk under a data directory. */
final class FileChannelDisk implements Disk {
  private final Path root;

  FileChannelDisk(Path root) {
    this.root = root;
  }

  @Override
  public List<String> list(String folder) throws IOException {
    Path dir = root.resolve(folder);
    if (!Files.isDirectory(dir)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(dir)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> String.valueOf(file.getFileName()))
          .sorted()
          .toList();
    }
  }

  @Override
  public void createFolder(String folder) throws IOException {
    Files.createDirectories(root.resolve(folder));
  }

  @Override
  public boolean exists(String file) {
    return Files.exists(root.resolve(file));
  }

  @Override
  public DiskFile openExisting(String file) throws IOException {
    return new ChannelFile(root.resolve(file), READ);
  }

  @Override
  public DiskFile openOrCreate(String file) throws IOException {
    return new ChannelFile(root.resolve(file), READ, WRITE, CREATE);
  }

  @Override
  public void delete(String file) throws IOException {
    Files.deleteIfExists(root.resolve(file));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Files.move(root.resolve(from), root.resolve(to), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void forceFolder(String folder) throws IOException {
    try (FileChannel dir = FileChannel.open(root.resolve(folder), READ)) {
      dir.force(true);
    }
  }

  @Override
  public DiskSpace space() throws IOException {
    FileStore store = Files.getFileStore(root);
    return new DiskSpace(store.getTotalSpace(), store.getUsableSpace());
  }

  @Override
  public AutoCloseable lock(String file) throws IOException {
    return ExclusiveFile.tryHold(root.resolve(file)).orElseThrow(() -> inUse(file));
  }

  private OperatorException inUse(String file) {
    return new OperatorException(
        "data directory "
            + root
            + " is in use by another Pump (lock file "
            + file
            + "): stop it, or give this one its own -data-dir");
  }

  @Override
  public String describe() {
    return root.toString();
  }
}
