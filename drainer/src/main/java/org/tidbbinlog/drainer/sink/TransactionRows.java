package org.tidbbinlog.drainer.sink;

import java.util.Iterator;

/**
 * The rows of one transaction, in order. May be iterated several times and from any thread, one
 * iteration a thread. A large transaction decodes lazily from its spilled payload, so holding an
 * iterator is cheap and holding all rows is not (I10).
 */
public interface TransactionRows extends Iterable<RowChange> {
  @Override
  Iterator<RowChange> iterator();

  /** Exact number of rows. */
  int count();

  /**
   * Schema version that the server knew which wrote them; {@link SinkItem#schemaVersion} may be
   * newer. Source: mutations section 5.
   */
  long schemaVersion();

  /** Size of the binlog payload. */
  long sizeBytes();

  /**
   * Frees spilled storage: by whoever ends the transaction, applied or not. Who iterates after
   * that, or still does, gets an {@link IllegalStateException}.
   */
  default void release() {}
}
