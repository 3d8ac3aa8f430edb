package org.tidbbinlog.drainer.checkpoint;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
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
 * Calls may come from any thread; to ask does not wait for a save under way. Source: drainer
 * section 6.
 */
public final class CheckpointKeeper {
  private static final Logger log = LoggerFactory.getLogger(CheckpointKeeper.class);
  private static final Duration BETWEEN_SAVES = Duration.ofSeconds(3);
  private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);
  private static final int TRIES = 5;

  private final CheckpointStore store;
  private final Clock clock;
  private final Object saving = new Object();
  private volatile Tso acknowledged;
  private long schemaVersion;
  private volatile Optional<Checkpoint> saved;
  private long savedNanos;

  /**
   * @param loaded what the store held at start
   * @param start where replication starts: the loaded checkpoint, or the initial commit ts
   */
  public CheckpointKeeper(
      CheckpointStore store, Optional<Checkpoint> loaded, Tso start, Clock clock) {
    this.store = store;
    this.clock = clock;
    this.saved = loaded;
    this.acknowledged = start;
    this.schemaVersion = loaded.map(Checkpoint::schemaVersion).orElse(0L);
    this.savedNanos = clock.nanoTime();
  }

  /**
   * Work begins: a checkpoint left by an orderly exit stops saying so, since a crash may come any
   * time from now on. A first start is kept at once: it may have been taken from the clock, and a
   * restart must not begin later than this one did.
   */
  public void begin() throws InterruptedException {
    synchronized (saving) {
      boolean firstStart = saved.isEmpty() && !acknowledged.isZero();
      if (firstStart || saved.map(Checkpoint::consistent).orElse(false)) {
        save(Ending.RUNNING);
      }
    }
  }

  /** Everything up to {@code item} is durable at the target. */
  public void acknowledged(SinkItem item) throws InterruptedException {
    synchronized (saving) {
      if (item.commitTs().isBefore(acknowledged)) {
        throw new IllegalStateException(
            "acknowledgement of " + item.commitTs() + " after " + acknowledged);
      }
      acknowledged = item.commitTs();
      schemaVersion = Math.max(schemaVersion, item.schemaVersion());
      if (item.kind() == SinkItem.Kind.DDL || isDue()) {
        save(Ending.RUNNING);
      }
    }
  }

  /**
   * Saves what is acknowledged if it is due; for a timer, so that the last item is not forgotten.
   */
  public void maybeSave() throws InterruptedException {
    synchronized (saving) {
      if (isDue() && isNewer()) {
        save(Ending.RUNNING);
      }
    }
  }

  /** Saves for the last time; {@code consistent} only when the exit is an orderly one. */
  public void finish(Ending ending) throws InterruptedException {
    synchronized (saving) {
      boolean anything = !acknowledged.isZero();
      if (anything && (ending == Ending.ORDERLY || isNewer())) {
        save(ending);
      }
    }
  }

  /** How the process ends. */
  public enum Ending {
    RUNNING,
    ORDERLY
  }

  /** Everything up to here is at the target. */
  public Tso acknowledgedTs() {
    return acknowledged;
  }

  /** What the store holds: where a restart would begin, and what the registry shows. */
  public Tso savedTs() {
    return saved.map(Checkpoint::commitTs).orElse(acknowledged);
  }

  private boolean isDue() {
    return clock.nanoTime() - savedNanos > BETWEEN_SAVES.toNanos();
  }

  private boolean isNewer() {
    return saved.isEmpty() || acknowledged.isAfter(saved.get().commitTs());
  }

  private void save(Ending ending) throws InterruptedException {
    Checkpoint next =
        new Checkpoint(
            ending == Ending.ORDERLY,
            acknowledged,
            saved.map(Checkpoint::tsMap).orElse(Map.of()),
            schemaVersion);
    for (int tries = 1; ; tries++) {
      try {
        store.save(next);
        saved = Optional.of(next);
        savedNanos = clock.nanoTime();
        log.atInfo().addKeyValue("ts", next.commitTs()).log("write save point");
        return;
      } catch (RuntimeException e) {
        if (tries == TRIES) {
          throw new OperatorException(
              "the checkpoint could not be saved in " + TRIES + " tries: " + e.getMessage(), e);
        }
        log.atWarn()
            .addKeyValue("tries", tries)
            .addKeyValue("error", e.getMessage())
            .log("checkpoint not saved, trying again");
      }
      clock.sleep(BETWEEN_TRIES);
    }
  }
}
