package org.tidbbinlog.pump.storage;

import java.util.Optional;
import org.tidbbinlog.base.Tso;

/** One reader's place in commit order. Not thread-safe, except {@link #onReady} and close. */
public interface PullCursor extends AutoCloseable {
  /**
   * The next record, with a commit timestamp above all before it (I1), or empty when everything up
   * to {@link BinlogStore#maxCommitTs} was read. Does not wait, but may read the disk.
   *
   * @throws PullGapException under {@link GapPolicy#REFUSE} when garbage collection overtook the
   *     reader, or acknowledged records before the next one are damaged
   * @throws CorruptRecordException when a stored record cannot be read back
   * @throws StoreReadException when the disk failed; the same call may succeed later
   * @throws StoreClosedException when the store was closed
   */
  Optional<PullRecord> tryNext();

  /**
   * Sets the listener that is called when, after an empty answer of {@link #tryNext}, there may be
   * more, or the store was closed. It is called at most once for each empty answer, on the sorter's
   * thread, and must not block. If there is more already, it is called at once on this thread.
   */
  void onReady(Runnable wake);

  /** Commit timestamp of the last record given out; the start position before that. */
  Tso position();

  /**
   * How many times this reader was led over data that is collected or damaged ({@link
   * GapPolicy#SKIP} only).
   */
  long skippedGaps();

  /** Upper end of the gap it was led over last; zero when there was none. */
  Tso skippedTo();

  @Override
  void close();
}
