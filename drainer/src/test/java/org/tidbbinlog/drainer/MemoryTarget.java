package org.tidbbinlog.drainer;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.server.DrainerSettings;
import org.tidbbinlog.drainer.server.SinkFactories;
import org.tidbbinlog.drainer.sink.Applying;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.CheckpointStore;
import org.tidbbinlog.drainer.sink.Sink;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.SinkListener;
import org.tidbbinlog.drainer.sink.Target;

/** A target that has everything at once and keeps its checkpoint over restarts. */
public final class MemoryTarget implements Target, CheckpointStore {
  private Optional<Checkpoint> saved = Optional.empty();
  private volatile Optional<Checkpoint> opened = Optional.empty();
  private Tso acknowledged = Tso.ZERO;
  private volatile Runnable atOpen = () -> {};
  private volatile AtSubmit atSubmit = () -> {};
  private volatile BooleanSupplier drains = () -> true;
  private volatile Tso mayHoldUpTo = Tso.ZERO;
  private volatile boolean closed;
  private volatile Optional<Applying> applying = Optional.empty();

  /** What is done with an item before it is there. */
  public interface AtSubmit {
    void run() throws InterruptedException;
  }

  /** From now on its sink is at work on this. */
  public void applies(Applying transaction) {
    applying = Optional.of(transaction);
  }

  /** Run when the sink is opened, late in a start. */
  public void atOpen(Runnable action) {
    atOpen = action;
  }

  /** From now on it does not finish in time. */
  public void neverDrains() {
    drains(() -> false);
  }

  /** From now on this answers whether it does. */
  public void drains(BooleanSupplier answer) {
    drains = answer;
  }

  /** Somebody else may have applied up to this. */
  public void mayHoldUpTo(Tso commitTs) {
    mayHoldUpTo = commitTs;
  }

  /** From now on this comes before each item is there. */
  public void atSubmit(AtSubmit step) {
    atSubmit = step;
  }

  /** Its sink has let go of it. */
  public boolean isClosed() {
    return closed;
  }

  public SinkFactories factories() {
    return metrics -> Map.of(DrainerSettings.DestType.MYSQL, (settings, surroundings) -> this);
  }

  public synchronized Checkpoint saved() {
    return saved.orElseThrow();
  }

  /** What the sink was told of the checkpoint when it was opened last. */
  public Optional<Checkpoint> opened() {
    return opened;
  }

  public synchronized Tso acknowledged() {
    return acknowledged;
  }

  @Override
  public CheckpointStore checkpoints() {
    return this;
  }

  @Override
  public synchronized Optional<Checkpoint> load() {
    return saved;
  }

  @Override
  public synchronized void save(Checkpoint checkpoint) {
    saved = Optional.of(checkpoint);
  }

  @Override
  public Sink open(Optional<Checkpoint> loaded, Tso start, SinkListener listener) {
    opened = loaded;
    atOpen.run();
    return new Sink() {
      @Override
      public void submit(SinkItem item) throws InterruptedException {
        atSubmit.run();
        item.giveRowsBack();
        listener.onAcknowledged(item);
        synchronized (MemoryTarget.this) {
          acknowledged = item.commitTs();
        }
      }

      @Override
      public Optional<Applying> applying() {
        return applying;
      }

      @Override
      public boolean mayHoldBeyond(Tso commitTs) {
        return mayHoldUpTo.isAfter(commitTs);
      }

      @Override
      public boolean drain(Duration limit) {
        return drains.getAsBoolean();
      }

      @Override
      public void close() {
        closed = true;
      }
    };
  }

  @Override
  public void close() {}
}
