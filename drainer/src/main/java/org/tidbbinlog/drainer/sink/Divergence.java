package org.tidbbinlog.drainer.sink;

import java.time.Instant;
import org.tidbbinlog.base.Tso;

/**
 * A row of the target that was not as the binlog says.
 *
 * @param time when that was noticed
 * @param commitTs of the change that says so
 * @param table quoted, as the target names it
 * @param key the columns that find the row, with their values; bounded
 * @param what is wrong with it, in a few words
 */
public record Divergence(Instant time, Tso commitTs, String table, String key, String what) {}
