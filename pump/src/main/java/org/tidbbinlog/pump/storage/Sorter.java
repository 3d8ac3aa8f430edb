package org.tidbbinlog.pump.storage;

/**
 * Decides when a commit timestamp is final. Fed with the value log's records in log order; gives
 * out {@link OrderEntry} in commit order.
 *
 * <p>A Prewrite is durable before its transaction asks for a commit timestamp. So when a record
 * with commit timestamp c has no unsettled Prewrite ahead of it in the log, every transaction that
 * committed below c is known: {@code maxCommitTs} may become c (I3). A Prewrite is settled by its
 * Commit record, or by {@link #discard} with TiKV's proof of its rollback; a rollback notice alone
 * settles nothing.
 *
 * <p>A Commit at or below {@code maxCommitTs} is a duplicate by the same reasoning: its first
 * Prewrite was settled here before, or acknowledged by another Pump.
 *
 * <p>Pure logic, no disk and no time; the indexer owns it under its lock.
 */
final class Sorter {
  /** What a record meant. */
  enum Outcome {
    WAITS,
    MATCHED,
    FAKE,
    DUPLICATE,
    /** Commit whose Prewrite is not in this Pump. */
    SKIPPED,
    /** A rollback was announced; TiKV is to be asked. */
    ROLLBACK_NOTICED,
    /** No meaning at all: a rollback of what is not waited for. */
    IGNORED
  }

  private final PrewriteList waiting = new PrewriteList();
  private final CommitHeap complete = new CommitHeap();
  private final SettledStarts settled = new SettledStarts();
  private long maxCommitTs;

  Sorter(long maxCommitTs) {
    this.maxCommitTs = maxCommitTs;
  }

  /** The next record of the log. */
  Outcome push(BinlogFields record, long pointer, int bytes, long nowNs) {
    if (record.isPrewrite()) {
      return pushPrewrite(record.startTs(), pointer, bytes, nowNs);
    }
    Outcome outcome = settle(record, pointer, bytes);
    if (isOrdered(record)) {
      waiting.raiseLastMark(record.commitTs());
      advance();
    }
    return outcome;
  }

  /**
   * A record further ahead than the sorter may read now: only what settles a waiting Prewrite is
   * taken from it; it will be pushed again in its turn.
   */
  Outcome peek(BinlogFields record, long pointer, int bytes) {
    if (record.isPrewrite() || record.isFake()) {
      return Outcome.IGNORED;
    }
    Outcome outcome = settle(record, pointer, bytes);
    advance();
    return outcome;
  }

  private Outcome pushPrewrite(long startTs, long pointer, int bytes, long nowNs) {
    if (settled.contains(startTs) || waiting.find(startTs) != LongIntMap.ABSENT) {
      return Outcome.DUPLICATE;
    }
    waiting.add(startTs, pointer, bytes, nowNs);
    return Outcome.WAITS;
  }

  private Outcome settle(BinlogFields record, long pointer, int bytes) {
    long start = record.startTs();
    long commit = record.commitTs();
    if (record.isFake()) {
      return addFake(commit, pointer, bytes);
    }
    int slot = waiting.find(start);
    if (!isCommit(record)) {
      return slot == LongIntMap.ABSENT ? Outcome.IGNORED : Outcome.ROLLBACK_NOTICED;
    }
    if (slot == LongIntMap.ABSENT) {
      return settled.contains(start) ? Outcome.DUPLICATE : Outcome.SKIPPED;
    }
    if (Long.compareUnsigned(commit, maxCommitTs) <= 0) {
      discard(start);
      return Outcome.DUPLICATE;
    }
    complete.add(
        new OrderEntry(commit, start, waiting.pointer(slot), waiting.length(slot), pointer, bytes));
    settled.hold(start);
    waiting.remove(slot);
    return Outcome.MATCHED;
  }

  private Outcome addFake(long ts, long pointer, int bytes) {
    if (Long.compareUnsigned(ts, maxCommitTs) <= 0) {
      return Outcome.DUPLICATE;
    }
    complete.add(new OrderEntry(ts, ts, pointer, bytes, pointer, bytes));
    return Outcome.FAKE;
  }

  /** A Commit has a timestamp after its start; a Rollback has none, or is not one to be trusted. */
  private static boolean isCommit(BinlogFields record) {
    return record.kind() != BinlogFields.ROLLBACK
        && Long.compareUnsigned(record.commitTs(), record.startTs()) > 0;
  }

  static boolean isOrdered(BinlogFields record) {
    return !record.isPrewrite() && (record.isFake() || isCommit(record));
  }

  /** Pointer of the Prewrite that waits for this record; zero when none does. */
  long prewriteOf(BinlogFields record) {
    int slot = waiting.find(record.startTs());
    return slot == LongIntMap.ABSENT ? 0 : waiting.pointer(slot);
  }

  /** The transaction will never be delivered: proven rolled back, or delivered before. */
  void discard(long startTs) {
    int slot = waiting.find(startTs);
    if (slot != LongIntMap.ABSENT) {
      waiting.remove(slot);
      settled.add(startTs);
      advance();
    }
  }

  private void advance() {
    if (Long.compareUnsigned(waiting.settledMark(), maxCommitTs) > 0) {
      maxCommitTs = waiting.settledMark();
    }
  }

  /** Whether {@link #next} has an entry. */
  boolean hasNext() {
    return complete.size() > 0 && Long.compareUnsigned(complete.firstTs(), maxCommitTs) <= 0;
  }

  /** The next entry in commit order; the caller drops one that does not ascend. */
  OrderEntry next() {
    OrderEntry entry = complete.remove();
    if (!entry.isFake()) {
      settled.release(entry.startTs());
    }
    return entry;
  }

  long maxCommitTs() {
    return maxCommitTs;
  }

  boolean isWaiting(long startTs) {
    return waiting.find(startTs) != LongIntMap.ABSENT;
  }

  /** Entries in memory: what the backlog's bound counts. */
  int backlog() {
    return waiting.size() + complete.size();
  }

  PrewriteList waiting() {
    return waiting;
  }

  /** Where reading has to begin again so that nothing that is only in memory is missed. */
  long replayFrom(long readTo) {
    long first = waiting.size() == 0 ? readTo : waiting.pointer(waiting.first());
    return complete.firstPointer(Math.min(first, readTo));
  }
}
