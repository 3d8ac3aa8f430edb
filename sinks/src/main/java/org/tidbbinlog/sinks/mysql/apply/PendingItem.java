package org.tidbbinlog.sinks.mysql.apply;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.tidbbinlog.drainer.sink.Applying;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.target.TableName;

/** An item on its way: how many of its units are not committed yet. */
public final class PendingItem {
  // Written once more, by whoever ends it.
  private volatile SinkItem item;
  private final AtomicBoolean keepsRows = new AtomicBoolean(true);
  // One more than the open units until all are handed out.
  private final AtomicInteger open = new AtomicInteger(1);
  // Where the rows end that were handed out, or sent if they go together; one thread writes.
  private final AtomicInteger passedRows = new AtomicInteger();
  private volatile Together together = Together.NO;
  private volatile boolean handingOut = true;
  // Under the lock of the queue it is in.
  private int shown;
  private volatile boolean done;
  // Under the gate's lock.
  private Optional<RowsBack> back = Optional.empty();

  /** Whether all rows are one unit. */
  private enum Together {
    NO,
    YES
  }

  PendingItem(SinkItem item) {
    this.item = item;
  }

  public SinkItem item() {
    return item;
  }

  /** Nothing of it is to be written any more, or nobody is left to do so. */
  void giveRowsBack() {
    if (item.kind() == SinkItem.Kind.TRANSACTION && keepsRows.compareAndSet(true, false)) {
      SinkItem.Transaction full = (SinkItem.Transaction) item;
      item =
          new SinkItem.Transaction(
              full.startTs(),
              full.commitTs(),
              full.schemaVersion(),
              GivenBackRows.of(full.rows()),
              full.times());
      full.rows().release();
    }
  }

  void unitAdded() {
    open.incrementAndGet();
  }

  /** Rows before this position were handed out, sent, or need nothing. */
  void passed(int endRow) {
    passedRows.setOpaque(endRow);
  }

  /** All rows are about to go as one unit, and {@link #passed} tells of what was sent. */
  void goesTogether() {
    together = Together.YES;
  }

  void handedOut() {
    handingOut = false;
  }

  /** How far it is, never back; empty before its rows are on their way. */
  Optional<Applying> applying() {
    int passed = passedRows.getOpaque();
    SinkItem now = item;
    if (now.kind() != SinkItem.Kind.TRANSACTION || (passed == 0 && together == Together.NO)) {
      return Optional.empty();
    }
    SinkItem.Transaction transaction = (SinkItem.Transaction) now;
    int waiting = together == Together.YES ? 0 : open.get() - (handingOut ? 1 : 0);
    int total = transaction.rows().count();
    shown = Math.max(shown, Math.min(total, passed - waiting));
    return Optional.of(
        new Applying(
            transaction.commitTs(),
            shown,
            total,
            transaction.times().at(StageTimes.Stage.SUBMITTED)));
  }

  /**
   * One unit is committed, or the handing out has ended; true when that was the last. Its rows are
   * given back at once: it may wait long for its acknowledgement.
   */
  boolean unitDone() {
    if (open.decrementAndGet() > 0) {
      return false;
    }
    giveRowsBack();
    done = true;
    return true;
  }

  boolean isDone() {
    return done;
  }

  /** A unit came back from the workers unwritten; it counts as open until {@link #tookBack}. */
  void cameBack(ApplyUnit unit) {
    if (back.isEmpty()) {
      back = Optional.of(new RowsBack());
    }
    back.get().add(unit);
  }

  /** Rows go to the workers, perhaps for the second time. */
  void went(ApplyUnit.Step step) {
    if (back.isPresent()) {
      back.get().went(step);
    }
  }

  /** Whether a row has not gone yet, as far as what came back tells. */
  boolean isToGo(TableVersion table, int row) {
    return back.isEmpty() || back.get().isToGo(table, row);
  }

  /** Tables whose rows were counted as left out before the item came back. */
  Set<TableName> countedAsLeftOut() {
    return back.map(RowsBack::leftOut).orElse(Set.of());
  }

  /** Its handing out had ended, and goes on: rows came back. */
  public void reopen() {
    handingOut = true;
    open.incrementAndGet();
  }

  /**
   * What came back is no longer open by itself: whoever hands the item over again holds it open.
   *
   * @return the tables it is about
   */
  public Set<TableName> tookBack() {
    RowsBack rows = back.orElseThrow();
    open.addAndGet(-rows.settle());
    return Set.copyOf(rows.tables());
  }
}
