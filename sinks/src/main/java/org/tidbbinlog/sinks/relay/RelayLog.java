package org.tidbbinlog.sinks.relay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.SinkItem;

/**
 * The relay log of one Drainer: items are appended before the target is given them, and a file is
 * deleted when the saved checkpoint is behind all that is in it. Files of an earlier run stay until
 * then too. One thread appends, any may tell of the checkpoint. Source: drainer section 11.
 */
final class RelayLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RelayLog.class);

  private final Path folder;
  private final long maxFileBytes;
  private final long clusterId;
  private final Deque<Ended> ended = new ArrayDeque<>();
  private Optional<RelayWriter> writer = Optional.empty();
  private RelayFile current;

  /** The file before the current one, until it says that it is followed. */
  private Optional<Ended> unfollowed = Optional.empty();

  /** Commit timestamp of the last item in the files; zero when nothing is known of one. */
  private Tso last = Tso.ZERO;

  /** The next file begins behind this. */
  private Tso after;

  /** A file that no item is appended to any more, and the newest commit timestamp up to its end. */
  private record Ended(RelayFile file, Tso last, long endOffset) {}

  private RelayLog(Path folder, long maxFileBytes, long clusterId, Tso start, long nextIndex) {
    this.folder = folder;
    this.maxFileBytes = maxFileBytes;
    this.clusterId = clusterId;
    this.after = start;
    this.current = RelayFile.in(folder, nextIndex);
  }

  /**
   * @param start what is appended begins behind this
   * @throws OperatorException when the folder cannot be used, is damaged, or holds another
   *     cluster's log
   */
  static RelayLog open(Path folder, long maxFileBytes, long clusterId, Tso start) {
    try {
      Files.createDirectories(folder);
      RelayChain chain = RelayChain.read(folder);
      for (RelayReader file : chain.files()) {
        if (file.endOffset() > 0) {
          requireSameCluster(folder, file.head().clusterId(), clusterId);
        }
      }
      chain.requireUndamaged(start);
      if (chain.unborn().isPresent()) {
        Files.delete(chain.unborn().get().path());
      }
      RelayLog log = new RelayLog(folder, maxFileBytes, clusterId, start, next(chain));
      chain.files().forEach(log::found);
      return log;
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  /** The number of a file that is missing is not used again: that would hide the gap. */
  private static long next(RelayChain chain) {
    if (chain.files().isEmpty()) {
      return chain.unborn().map(RelayFile::index).orElse(0L);
    }
    RelayReader last = chain.files().get(chain.files().size() - 1);
    return last.file().index() + (last.isFollowed() ? 2 : 1);
  }

  private void found(RelayReader file) {
    Ended earlier = new Ended(file.file(), file.last(), file.endOffset());
    ended.add(earlier);
    last = file.last();
    unfollowed = file.isFollowed() ? Optional.empty() : Optional.of(earlier);
    if (file.damage().isPresent()) {
      LOG.atWarn()
          .addKeyValue("file", file.file().path())
          .addKeyValue("offset", file.damage().get().offset())
          .addKeyValue("last", file.last())
          .log("relay log is cut off");
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
    if (item.kind() == SinkItem.Kind.PROGRESS) {
      return;
    }
    try {
      RelayWriter open = writer.isPresent() ? writer.get() : begin();
      switch (item.kind()) {
        case TRANSACTION -> open.add((SinkItem.Transaction) item);
        case DDL -> open.add((SinkItem.Ddl) item);
        case PROGRESS -> throw new IllegalStateException("progress is not kept");
      }
      last = item.commitTs();
      after = last;
      if (open.sizeBytes() >= maxFileBytes) {
        end(open);
      }
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  private RelayWriter begin() throws IOException {
    Optional<Ended> before = unfollowed.filter(ended::contains);
    if (before.isPresent()) {
      RelayWriter.force(before.get().file()); // What the new head says of it must be there.
    }
    RelayWriter made = RelayWriter.create(current, RelayHead.chained(clusterId, last, after));
    writer = Optional.of(made);
    if (before.isPresent()) {
      RelayWriter.end(before.get().file(), before.get().endOffset());
    }
    unfollowed = Optional.empty();
    return made;
  }

  private void end(RelayWriter open) throws IOException {
    open.force();
    open.close();
    writer = Optional.empty();
    Ended full = new Ended(current, last, open.sizeBytes());
    ended.add(full);
    unfollowed = Optional.of(full);
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

  /** The saved checkpoint is here: nothing up to it is asked for again. */
  synchronized void saved(Tso upTo) {
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
