/**
 * The Pump's disk: value log, sorter, order log, recovery, garbage collection. No network.
 *
 * <pre>
 *  append ─▶ LogWriter ─▶ value log ─▶ Indexer ─▶ Sorter ─▶ order log ─▶ PullCursor
 *            (one force a group)        │   ▲
 *                                       ▼   │ own Commit records
 *                                     Resolver ─▶ TransactionStatus (TiKV)
 * </pre>
 *
 * The door is {@link org.tidbbinlog.pump.storage.BinlogStore}; the disk comes in through {@link
 * org.tidbbinlog.pump.storage.Disk}.
 */
@NullMarked
package org.tidbbinlog.pump.storage;

import org.jspecify.annotations.NullMarked;
