package org.tidbbinlog.sinks.relay;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
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
 * not there to ask again: afterwards the target is as upstream was at one moment, unless another
 * Drainer may have written what comes behind the log. What the target has already is not applied
 * again (I7). Source: drainer section 11.
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
    RelayChain chain = read(folder);
    if (chain.files().isEmpty()) {
      return;
    }
    RelayReader newest = chain.files().get(chain.files().size() - 1);
    try (Target target = connector.connect(newest.head().clusterId())) {
      Optional<Checkpoint> loaded = target.checkpoints().load();
      if (loaded.isEmpty() || loaded.get().consistent()) {
        return;
      }
      List<SinkItem> items = chain.behind(loaded.get().commitTs());
      if (!items.isEmpty()) {
        replay(target, loaded, items, clock);
      }
    }
  }

  private static RelayChain read(Path folder) {
    try {
      return RelayChain.read(folder);
    } catch (IOException e) {
      throw new OperatorException("relay log in " + folder + " cannot be read: " + e, e);
    }
  }

  private static void replay(
      Target target, Optional<Checkpoint> loaded, List<SinkItem> items, Clock clock)
      throws InterruptedException {
    Tso start = loaded.map(Checkpoint::commitTs).orElse(Tso.ZERO);
    CheckpointKeeper keeper = new CheckpointKeeper(target.checkpoints(), loaded, start, clock);
    Listener listener = new Listener(keeper);
    boolean consistent;
    try (Sink sink = target.open(loaded, start, listener)) {
      requireAllThere(sink.foundUpTo(), items.get(items.size() - 1).commitTs());
      for (SinkItem item : items) {
        sink.submit(item);
      }
      if (!sink.drain(LIMIT)) {
        throw new OperatorException("the target did not take the relay log within " + LIMIT);
      }
      consistent = !sink.mayHoldBeyond(keeper.acknowledgedTs());
    }
    listener.requireNoFailure();
    keeper.finish(consistent ? CheckpointKeeper.Ending.ORDERLY : CheckpointKeeper.Ending.RUNNING);
    LOG.atLevel(consistent ? Level.INFO : Level.WARN)
        .addKeyValue("items", items.size())
        .addKeyValue("from", start)
        .addKeyValue("to", keeper.acknowledgedTs())
        .addKeyValue("consistent", consistent)
        .log(
            consistent
                ? "relay log replayed"
                : "relay log replayed, but another Drainer may have written what comes behind it");
  }

  /**
   * What the target was given was in the log before. If it has more than the log now holds, the end
   * of the log is lost, and a part of some transaction may be at the target.
   */
  private static void requireAllThere(Tso found, Tso last) {
    if (found.isAfter(last)) {
      throw new OperatorException(
          "the relay log ends with commit ts "
              + last
              + ", but the target already has rows or a DDL of commit ts "
              + found
              + ": the newest records of the log are lost. Nothing of it is applied and the"
              + " checkpoint stays as it is, not consistent: start with upstream there, which sends"
              + " again what is behind the checkpoint");
    }
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
