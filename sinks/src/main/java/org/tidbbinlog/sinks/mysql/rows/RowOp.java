package org.tidbbinlog.sinks.mysql.rows;

import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.SafeMode;

/**
 * A row change with what is needed to write it.
 *
 * @param shape of the images of {@code change}
 * @param safeMode ON when the row may already be applied, wholly or in part
 */
public record RowOp(RowChange change, RowShape shape, Tso commitTs, SafeMode safeMode) {}
