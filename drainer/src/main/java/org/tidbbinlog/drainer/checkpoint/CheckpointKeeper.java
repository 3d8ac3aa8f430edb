package org.tidbbinlog.drainer.checkpoint;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.CheckpointStore;
import org.tidbbinlog.drainer.sink.SinkItem;

/**
 * Follows the sink's acknowledgements and saves the checkpoint: at once after a DDL, else when
 * three seconds have passed since the last save; never back, never past what is acknowledged (I6).
 * A store that does not take the checkpoint for now is waited for as long as its {@link
 * CheckpointStore#patience()}; whoever acknowledges waits with it, so that the work never runs far
 * ahead of the checkpoint. Calls may come from any thread; to ask does not wait for a save under
 * way. Source: drainer section 6.
 */
public final class CheckpointKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointKeeper.class);
  private static final Duration BETWEEN_SAVES = Duration.ofSeconds(3);

  private final CheckpointStore store;
  private final Clock clock;
  private final ReentrantLock saving = new ReentrantLock();
  private volatile boolean ending;
  private volatile Reached reached;
  private volatile Optional<Checkpoint> saved;
  private long savedNanos;

  /** What is at the target, and the newest schema version seen up to there. */
  private record Reached(Tso commitTs, long schemaVersion) {
    Reached with(SinkItem item) {
      if (item.commitTs().isBefore(commitTs)) {
        throw new IllegalStateException(
            "acknowledgement of " + item.commitTs() + " after " + commitTs);
      }
      return new Reached(item.commitTs(), Math.max(schemaVersion, item.schemaVersion()));
    }
  }

  /**
   * @param loaded what the store held at start
   * @param start where replication starts: the loaded checkpoint, or the initial commit ts
   */
  public CheckpointKeeper(
      CheckpointStore store, Optional<Checkpoint> loaded, Tso start, Clock clock) {
    this(store, loaded, new FirstStart(start, Optional.empty()), clock);
  }

  /**
   * @param stored what the store held at start
   * @param first where replication starts if it held nothing
   */
  public CheckpointKeeper(
      CheckpointStore store, Optional<Checkpoint> stored, FirstStart first, Clock clock) {
    this.store = store;
    this.clock = clock;
    this.saved = stored;
    this.reached =
        new Reached(
            stored.map(Checkpoint::commitTs).orElse(first.commitTs()),
            stored.or(first::savepoint).map(Checkpoint::schemaVersion).orElse(0L));
    this.savedNanos = clock.nanoTime();
  }

  /**
   * Work begins: a checkpoint left by an orderly exit stops saying so, since a crash may come any
   * time from now on. A first start is kept at once: it may have been taken from the clock, and a
   * restart must not begin later than this one did.
   */
  public void begin() throws InterruptedException {
    saving.lockInterruptibly();
    try {
      boolean firstStart = saved.isEmpty() && !acknowledgedTs().isZero();
      if (firstStart || saved.map(Checkpoint::consistent).orElse(false)) {
        save(Ending.RUNNING, SaveTries.few(clock));
      }
    } finally {
      saving.unlock();
    }
  }

  /**
   * Everything up to {@code item} is durable at the target. One caller at a time.
   *
   * @throws InterruptedException when the wait for a save was cut short; the item is counted, and
   *     the next save tells of it
   * @throws OperatorException when the checkpoint cannot be saved and waiting is over
   */
  public void acknowledged(SinkItem item) throws InterruptedException {
    reached = reached.with(item);
    saving.lockInterruptibly();
    try {
      if (item.kind() == SinkItem.Kind.DDL || isDue()) {
        save(Ending.RUNNING, SaveTries.within(store.patience(), clock));
      }
    } finally {
      saving.unlock();
    }
  }

  /**
   * Saves what is acknowledged if it is due; for a timer, so that the last item is not forgotten.
   */
  public void maybeSave() throws InterruptedException {
    saving.lockInterruptibly();
    try {
      if (isDue() && isNewer()) {
        save(Ending.RUNNING, SaveTries.within(store.patience(), clock));
      }
    } finally {
      saving.unlock();
    }
  }

  /**
   * Saves for the last time, with few tries: who ends does not wait for a store that is away.
   *
   * @param how consistent only when the exit is an orderly one
   */
  public void finish(Ending how) throws InterruptedException {
    ending = true;
    saving.lockInterruptibly();
    try {
      boolean anything = !acknowledgedTs().isZero();
      if (anything && (how == Ending.ORDERLY || isNewer())) {
        save(how, SaveTries.few(clock));
      }
    } finally {
      saving.unlock();
    }
  }

  /** How the process ends. */
  public enum Ending {
    RUNNING,
    ORDERLY
  }

  /** Everything up to here is at the target. */
  public Tso acknowledgedTs() {
    return reached.commitTs;
  }

  /** What the store holds: where a restart would begin, and what the registry shows. */
  public Tso savedTs() {
    return saved.map(Checkpoint::commitTs).orElse(acknowledgedTs());
  }

  private boolean isDue() {
    return clock.nanoTime() - savedNanos > BETWEEN_SAVES.toNanos();
  }

  private boolean isNewer() {
    return saved.isEmpty() || acknowledgedTs().isAfter(saved.get().commitTs());
  }

  private void save(Ending how, SaveTries tries) throws InterruptedException {
    Reached upTo = reached;
    Checkpoint next =
        new Checkpoint(
            how == Ending.ORDERLY,
            upTo.commitTs,
            saved.map(Checkpoint::tsMap).orElse(Map.of()),
            upTo.schemaVersion);
    while (true) {
      try {
        store.save(next);
        saved = Optional.of(next);
        savedNanos = clock.nanoTime();
        LOG.atInfo().addKeyValue("ts", next.commitTs()).log("write save point");
        return;
      } catch (OperatorException e) {
        throw e; // Not a fault that passes.
      } catch (RuntimeException e) {
        tries.failed(e);
      }
      if (ending && tries.arePatient()) {
        return; // The last save does it, or tells why not.
      }
      tries.pause();
    }
  }
}
