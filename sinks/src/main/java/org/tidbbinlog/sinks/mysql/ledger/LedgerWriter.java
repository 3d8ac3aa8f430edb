package org.tidbbinlog.sinks.mysql.ledger;

import java.sql.SQLException;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.sinks.mysql.target.SqlSession;

/**
 * One worker's way into the ledger: makes the statement that goes first in its next target
 * transaction, and learns how that ended. Not thread-safe.
 */
public final class LedgerWriter {
  private static final int FULL_BYTES = 1024;

  private final Ledger ledger;
  private final Supplier<Tso> lowWatermark;
  private @Nullable LedgerSlot slot;
  private AppliedRows staged = new AppliedRows();
  private Tso stagedWatermark = Tso.ZERO;

  /**
   * @param lowWatermark up to where everything is durable in the target
   */
  public LedgerWriter(Ledger ledger, Supplier<Tso> lowWatermark) {
    this.ledger = ledger;
    this.lowWatermark = lowWatermark;
  }

  /** The compare and swap that adds {@code rows} to what this worker has applied. */
  public String stage(SqlSession session, AppliedRows rows) throws SQLException {
    Tso durable = ledger.durableWatermark();
    LedgerSlot current = slot == null ? ledger.acquire(session) : slot;
    slot = current;
    AppliedRows next = current.content().copyAbove(durable);
    boolean hasOld = !next.isEmpty();
    next.addAll(rows);
    byte[] bytes = next.encode();
    if (hasOld && bytes.length > FULL_BYTES) {
      LedgerSlot fresh = ledger.acquire(session);
      ledger.release(current);
      current = fresh;
      slot = fresh;
      next = new AppliedRows();
      next.addAll(rows);
      bytes = next.encode();
    }
    staged = next;
    // Read last: a slot taken over from another worker must not go back behind what it said.
    stagedWatermark = lowWatermark.get().max(ledger.durableWatermark());
    return ledger
        .table()
        .swap(current.number(), ledger.owner(), current.seq(), stagedWatermark, next.last(), bytes);
  }

  /** The transaction with the staged statement is committed. */
  public void committed() {
    current().swapped(staged);
    ledger.noteDurable(stagedWatermark);
  }

  /**
   * Whether the staged statement is in the target after all, when the answer to its commit was
   * lost.
   *
   * @throws org.tidbbinlog.base.OperatorException when somebody else owns the ledger by now
   */
  public boolean isCommitted(SqlSession session) throws SQLException {
    LedgerSlot current = slot;
    if (current == null) {
      return false;
    }
    List<List<String>> row = ledger.table().ownerAndSeq(session, current.number());
    if (row.isEmpty() || Long.parseLong(row.get(0).get(0)) != ledger.owner()) {
      throw Ledger.fenced();
    }
    return Long.parseLong(row.get(0).get(1)) == current.seq() + 1;
  }

  /** The slot that the staged statement changes. */
  public int stagedSlot() {
    return current().number();
  }

  /** What the staged statement expects the slot's sequence number to be. */
  public long stagedSlotSeq() {
    return current().seq();
  }

  private LedgerSlot current() {
    LedgerSlot current = slot;
    if (current == null) {
      throw new IllegalStateException("nothing is staged");
    }
    return current;
  }
}
