package org.tidbbinlog.pump.storage;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.tidbbinlog.base.Tso;

/**
 * Keeps what TiDB wrote and gives it back sorted by commit timestamp. All methods may be called
 * from any thread. Invariants: I1 (order), I2 (durability), I3 (exactly the committed
 * transactions), I9 (no silent gap), I10 (bounds).
 *
 * <p>Source: pump sections 5 to 9, pump-protocol sections 5 to 7.
 */
public interface BinlogStore extends AutoCloseable {
  /**
   * Queues one serialized {@code Binlog} and returns at once; never blocks, so it may be called on
   * an event loop. {@code done} is called exactly once: on the calling thread when the request is
   * refused, else on the writer's thread, so it must not block.
   *
   * <p>The buffer's bytes between position and limit must not change before {@code done} is called;
   * the buffer itself is not moved. Heap, direct and mapped buffers are accepted; a payload that
   * does not fit a heap should come as a mapped one. A Binlog whose two timestamps are both zero
   * (the probe) is reported durable and not stored.
   *
   * @param done {@link AppendCallback#failed} gets a {@link StoreBusyException} when the bound on
   *     queued bytes is reached, a {@link StoreWriteException} when the disk failed, a {@link
   *     StoreClosedException} after {@link #close}, an {@link InvalidRecordException} when the
   *     bytes are not a Binlog
   */
  void append(ByteBuffer encodedBinlog, AppendCallback done);

  /**
   * Everything committed at or below is sorted and can be pulled. Never goes back while the store
   * is open; after an open that had to make the order log again it starts at {@link #gcTs} and
   * grows to where it was.
   */
  Tso maxCommitTs();

  /** What was committed at or below may be gone; zero when nothing was ever collected. */
  Tso gcTs();

  /**
   * Forgets what was committed at or below {@code upTo}, as far as whole files allow. Blocks while
   * files are deleted. Forgets nothing when {@code upTo} is not above {@link #gcTs} or not below
   * {@link #maxCommitTs}; when a collection is already running, only moves its mark.
   *
   * @param allowed how far it may go, asked in the last moment before that is made durable: what
   *     {@code upTo} was made from may have changed (I8). What it throws ends the collection with
   *     nothing forgotten.
   * @throws StoreWriteException when the disk failed; what is left to do is done by the next call
   */
  GcOutcome collectGarbage(Tso upTo, Supplier<Tso> allowed);

  /**
   * Starts reading strictly after {@code fromExclusive}. The cursor belongs to one thread at a time
   * and must be closed.
   *
   * @throws PullGapException under {@link GapPolicy#REFUSE} when {@code fromExclusive} is below
   *     {@link #gcTs}
   * @throws StoreReadException when the disk failed
   */
  PullCursor pull(Tso fromExclusive, GapPolicy gapPolicy);

  /**
   * The stored record of a timestamp: a Prewrite by its start, any other by its commit timestamp.
   * For people, not for hot paths: a start timestamp may need a scan.
   */
  Optional<StoredRecord> find(Tso ts);

  /** Prewrites whose Commit is awaited, oldest in the log first, at most {@code limit}. */
  List<Dangling> dangling(int limit);

  /** How many Prewrites wait for their Commit; zero is one condition of leaving safely. */
  long unmatchedCount();

  /** How far the continuity proof is. */
  ProofStatus proof();

  /**
   * Reads all finished segments once and checks CRCs and proofs; blocks, and waits in {@code pace}
   * between reads. What it finds is logged and in {@link #scrubReport}; one pass at a time.
   */
  void scrub(ScrubPace pace) throws InterruptedException;

  /** What {@link #scrub} did since open. */
  ScrubReport scrubReport();

  /** What sorting had to step over in the value log, those that were lost and harmless ones. */
  List<DamagedStretch> damages();

  /** The value log's files, oldest first. */
  List<SegmentInfo> segments();

  /** Space of the data directory's file system, asked now. */
  DiskSpace diskSpace();

  /** Counters since open. */
  StoreStats stats();

  /**
   * Ends pulls (cursors answer {@link StoreClosedException}), finishes queued writes, saves the
   * sorter's state, writes the footer of the last segment when it is large enough. Idempotent.
   */
  @Override
  void close();
}
