package org.tidbbinlog.sinks.relay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.SinkItem;

/**
 * The relay log of one Drainer: items are appended before the target is given them, and a file is
 * deleted when the target has all that is in it. Files of an earlier run stay until then too. One
 * thread appends, any may acknowledge. Source: drainer section 11.
 */
final class RelayLog implements AutoCloseable {
  private final Path folder;
  private final long maxFileBytes;
  private final long clusterId;
  private final Deque<Ended> ended = new ArrayDeque<>();
  private Optional<RelayWriter> writer = Optional.empty();
  private RelayFile current;
  private Tso last = Tso.ZERO;

  /** A file that nothing is appended to any more, and the newest commit timestamp in it. */
  private record Ended(RelayFile file, Tso last) {}

  private RelayLog(Path folder, long maxFileBytes, long clusterId, long nextIndex) {
    this.folder = folder;
    this.maxFileBytes = maxFileBytes;
    this.clusterId = clusterId;
    this.current = RelayFile.in(folder, nextIndex);
  }

  /**
   * @throws OperatorException when the folder cannot be used, or holds another cluster's log
   */
  static RelayLog open(Path folder, long maxFileBytes, long clusterId) {
    try {
      Files.createDirectories(folder);
      long next = 0;
      Deque<Ended> found = new ArrayDeque<>();
      for (RelayFile file : RelayFile.list(folder)) {
        RelayReader reader = RelayReader.read(file);
        if (reader.items().isEmpty()) {
          Files.delete(file.path());
        } else {
          requireSameCluster(folder, reader.clusterId(), clusterId);
          found.add(new Ended(file, reader.last()));
        }
        next = file.index() + 1;
      }
      RelayLog log = new RelayLog(folder, maxFileBytes, clusterId, next);
      log.ended.addAll(found);
      return log;
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  private static void requireSameCluster(Path folder, long found, long clusterId) {
    if (found != clusterId) {
      throw new OperatorException(
          "relay log in "
              + folder
              + " is of cluster "
              + Long.toUnsignedString(found)
              + ", not of "
              + Long.toUnsignedString(clusterId)
              + ": give this Drainer a syncer.relay.log-dir of its own");
    }
  }

  private static OperatorException unusable(Path folder, IOException cause) {
    return new OperatorException("relay log in " + folder + " cannot be used: " + cause, cause);
  }

  synchronized void append(SinkItem item) {
    try {
      RelayWriter open = writer.isPresent() ? writer.get() : begin();
      switch (item.kind()) {
        case TRANSACTION -> open.add((SinkItem.Transaction) item);
        case DDL -> open.add((SinkItem.Ddl) item);
        case PROGRESS -> {}
      }
      last = item.commitTs();
      if (open.sizeBytes() >= maxFileBytes) {
        end(open);
      }
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  private RelayWriter begin() throws IOException {
    RelayWriter made = new RelayWriter(current, clusterId);
    writer = Optional.of(made);
    return made;
  }

  private void end(RelayWriter open) throws IOException {
    open.force();
    open.close();
    writer = Optional.empty();
    ended.add(new Ended(current, last));
    current = RelayFile.in(folder, current.index() + 1);
  }

  /** What was appended survives the machine. */
  synchronized void force() {
    try {
      if (writer.isPresent()) {
        writer.get().force();
      }
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  /** The target has everything up to here. */
  synchronized void acknowledged(Tso upTo) {
    try {
      while (!ended.isEmpty() && !ended.getFirst().last().isAfter(upTo)) {
        Files.deleteIfExists(ended.removeFirst().file().path());
      }
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  @Override
  public synchronized void close() {
    try {
      if (writer.isPresent()) {
        writer.get().close();
        writer = Optional.empty();
      }
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }
}
