package org.tidbbinlog.drainer.translate;

import org.tidbbinlog.drainer.sink.SinkItem;

/**
 * A binlog whose tables and names are settled. {@link #finish} decodes its rows; it may run on any
 * thread, also while later binlogs are being settled.
 */
@FunctionalInterface
public interface Translation {
  /**
   * @throws org.tidbbinlog.base.OperatorException when the payload is garbage
   */
  SinkItem finish();

  /** Nobody needs it: what was or will be made of it is not passed on. */
  default void drop() {}
}
