package org.tidbbinlog.sinks.relay;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.checkpoint.CheckpointKeeper;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.Sink;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.SinkListener;
import org.tidbbinlog.drainer.sink.Target;

/**
 * Finishes at the target what a crash left half done, from the relay log alone, when upstream is
 * not there to ask again: afterwards the target is as upstream was at one moment. What the target
 * has already is not applied again (I7). Source: drainer section 11.
 */
public final class RelayReplay {
  private static final Logger LOG = LoggerFactory.getLogger(RelayReplay.class);
  private static final Duration LIMIT = Duration.ofMinutes(10);

  private RelayReplay() {}

  /** Connects to the target of a cluster. */
  public interface Connector {
    Target connect(long clusterId) throws InterruptedException;
  }

  /**
   * Does nothing where there is no relay log, no checkpoint, or one that an orderly exit left.
   *
   * @throws OperatorException when the target cannot be brought up to date
   */
  public static void run(Path folder, Connector connector, Clock clock)
      throws InterruptedException {
    List<RelayReader> files = read(folder);
    if (files.isEmpty()) {
      return;
    }
    try (Target target = connector.connect(files.get(0).clusterId())) {
      Optional<Checkpoint> loaded = target.checkpoints().load();
      if (loaded.isEmpty() || loaded.get().consistent()) {
        return;
      }
      List<SinkItem> items = behind(loaded.get().commitTs(), files);
      if (!items.isEmpty()) {
        replay(target, loaded, items, clock);
      }
    }
  }

  private static List<RelayReader> read(Path folder) {
    try {
      List<RelayReader> files = new ArrayList<>();
      for (RelayFile file : RelayFile.list(folder)) {
        RelayReader reader = RelayReader.read(file);
        if (!reader.items().isEmpty()) {
          files.add(reader);
        }
      }
      return files;
    } catch (IOException e) {
      throw new OperatorException("relay log in " + folder + " cannot be read: " + e, e);
    }
  }

  /** Each once: a later run writes again what an earlier one wrote and did not see acknowledged. */
  private static List<SinkItem> behind(Tso checkpoint, List<RelayReader> files) {
    List<SinkItem> items = new ArrayList<>();
    Tso last = checkpoint;
    for (RelayReader file : files) {
      for (SinkItem item : file.items()) {
        if (item.commitTs().isAfter(last)) {
          items.add(item);
          last = item.commitTs();
        }
      }
    }
    return items;
  }

  private static void replay(
      Target target, Optional<Checkpoint> loaded, List<SinkItem> items, Clock clock)
      throws InterruptedException {
    Tso start = loaded.map(Checkpoint::commitTs).orElse(Tso.ZERO);
    CheckpointKeeper keeper = new CheckpointKeeper(target.checkpoints(), loaded, start, clock);
    Listener listener = new Listener(keeper);
    try (Sink sink = target.open(loaded, start, listener)) {
      for (SinkItem item : items) {
        sink.submit(item);
      }
      if (!sink.drain(LIMIT)) {
        throw new OperatorException("the target did not take the relay log within " + LIMIT);
      }
    }
    listener.requireNoFailure();
    keeper.finish(CheckpointKeeper.Ending.ORDERLY);
    LOG.atInfo()
        .addKeyValue("items", items.size())
        .addKeyValue("from", start)
        .addKeyValue("to", keeper.acknowledgedTs())
        .log("relay log replayed");
  }

  private static final class Listener implements SinkListener {
    private final CheckpointKeeper keeper;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    Listener(CheckpointKeeper keeper) {
      this.keeper = keeper;
    }

    @Override
    public void onAcknowledged(SinkItem item) {
      try {
        keeper.acknowledged(item);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while the checkpoint is saved", e);
      }
    }

    @Override
    public void onFailure(Throwable cause) {
      failure.compareAndSet(null, cause);
    }

    void requireNoFailure() {
      Throwable cause = failure.get();
      if (cause != null) {
        throw new OperatorException("the relay log was not replayed: " + cause.getMessage(), cause);
      }
    }
  }
}
