package org.tidbbinlog.sinks.mysql.apply;

import java.sql.SQLException;
import java.util.List;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.drainer.filter.Loopback;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.SafeMode;
import org.tidbbinlog.sinks.mysql.rows.RowOp;
import org.tidbbinlog.sinks.mysql.rows.RowShape;
import org.tidbbinlog.sinks.mysql.rows.RowShapes;
import org.tidbbinlog.sinks.mysql.target.TargetTable;
import org.tidbbinlog.sinks.mysql.target.TargetTables;

/** From a row change to the target's table and what is needed to write it. Thread-safe. */
public final class TargetShapes {
  private final TargetTables tables;
  private final RowShapes shapes;
  private final SafeMode configured;
  private final Tso safeModeUntil;
  private final Loopback loopback;
  private final LeavingColumns leaving = new LeavingColumns();

  /**
   * @param loopback marks of other channels are written so that it does not matter what is there
   */
  public TargetShapes(
      TargetTables tables,
      RowShapes shapes,
      SafeMode configured,
      Tso safeModeUntil,
      Loopback loopback) {
    this.tables = tables;
    this.shapes = shapes;
    this.configured = configured;
    this.safeModeUntil = safeModeUntil;
    this.loopback = loopback;
  }

  RowOp op(RowChange change, Tso commitTs, SafeMode wanted, TargetTables.Reader reader)
      throws SQLException {
    TableVersion version = change.table();
    TargetTable table = tables.table(version.schema(), version.table(), reader);
    RowShape known = shapes.shape(table, columns(change));
    RowShape shape = known.identity().isEmpty() ? leaving.without(version, known) : known;
    boolean safe =
        wanted == SafeMode.ON
            || configured == SafeMode.ON
            || !commitTs.isAfter(safeModeUntil)
            || loopback.isMarkTable(version.schema(), version.table());
    return new RowOp(change, shape, commitTs, safe ? SafeMode.ON : SafeMode.OFF);
  }

  /** Every row of the stream in order, applied or not. */
  void saw(RowChange change, long schemaVersion) {
    leaving.saw(change, schemaVersion);
  }

  boolean isThere(TableVersion version, TargetTables.Reader reader) throws SQLException {
    return tables.tryTable(version.schema(), version.table(), reader).isPresent();
  }

  RowShape shape(TargetTable table, List<ColumnInfo> columns) {
    return shapes.shape(table, columns);
  }

  /**
   * Reads the structure anew.
   *
   * @return false when the target has no such table any more
   */
  boolean isStillThere(TableVersion version, TargetTables.Reader reader) throws SQLException {
    return tables.readAgain(version.schema(), version.table(), reader).isPresent();
  }

  /** Nothing is in flight, and somebody else may have changed the target. */
  void forgetAll() {
    tables.forgetAll();
  }

  static List<ColumnInfo> columns(RowChange change) {
    return switch (change.kind()) {
      case INSERT -> ((RowChange.Insert) change).after().columns();
      case UPDATE -> ((RowChange.Update) change).after().columns();
      case DELETE -> ((RowChange.Delete) change).before().columns();
    };
  }
}
