package org.tidbbinlog.pump.storage;

import static java.nio.file.StandardOpenOption.CREATE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A real file. A {@link FileChannel} is closed for everybody when a thread is interrupted while
 * using it; one reader that is told to stop must not take the writer's file away. So a channel that
 * was closed by anyone but {@link #close} is opened again, and the interrupt is kept for later.
 */
final class ChannelFile implements Disk.DiskFile {
  private final Path path;
  private final OpenOption[] reopenOptions;
  private volatile FileChannel channel;
  private boolean closed;

  ChannelFile(Path path, OpenOption... options) throws IOException {
    this.path = path;
    this.reopenOptions =
        Arrays.stream(options).filter(option -> option != CREATE).toArray(OpenOption[]::new);
    this.channel = FileChannel.open(path, options);
  }

  private interface Use<T> {
    T on(FileChannel channel) throws IOException;
  }

  private <T> T use(Use<T> use) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        FileChannel current = channel;
        try {
          return use.on(current);
        } catch (ClosedChannelException e) {
          interrupted |= Thread.interrupted();
          reopen(current, e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized void reopen(FileChannel broken, ClosedChannelException cause)
      throws IOException {
    if (closed) {
      throw cause;
    }
    if (channel == broken) {
      channel = FileChannel.open(path, reopenOptions);
    }
  }

  @Override
  public long size() throws IOException {
    return use(FileChannel::size);
  }

  @Override
  public void write(ByteBuffer source, long offset) throws IOException {
    int start = source.position();
    while (source.hasRemaining()) {
      use(open -> open.write(source, offset + source.position() - start));
    }
  }

  @Override
  public int read(ByteBuffer target, long offset) throws IOException {
    int start = target.position();
    while (target.hasRemaining()) {
      int count = use(open -> open.read(target, offset + target.position() - start));
      if (count < 0) {
        break;
      }
    }
    return target.position() - start;
  }

  @Override
  public ByteBuffer map(long offset, int length) throws IOException {
    return use(open -> open.map(FileChannel.MapMode.READ_ONLY, offset, length));
  }

  @Override
  public void truncate(long size) throws IOException {
    use(open -> open.truncate(size));
  }

  @Override
  public void force() throws IOException {
    use(
        open -> {
          open.force(false);
          return open;
        });
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    channel.close();
  }
}
