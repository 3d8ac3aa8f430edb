package org.tidbbinlog.sinks.mysql.rows;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Columns;
import org.tidbbinlog.sinks.mysql.target.TargetTable;

/** Shapes by table and column list, both compared by identity. Bounded; thread-safe. */
public final class RowShapes {
  private static final int MOST = 20_000;

  private final Columns mode;
  private final ConcurrentHashMap<Key, RowShape> shapes = new ConcurrentHashMap<>();

  public RowShapes(Columns mode) {
    this.mode = mode;
  }

  public RowShape shape(TargetTable table, List<ColumnInfo> columns) {
    if (shapes.size() > MOST) {
      shapes.clear();
    }
    return shapes.computeIfAbsent(
        new Key(table, columns), key -> RowShape.of(key.table, key.columns, mode));
  }

  public void forgetAll() {
    shapes.clear();
  }

  private static final class Key {
    private final TargetTable table;
    private final List<ColumnInfo> columns;

    Key(TargetTable table, List<ColumnInfo> columns) {
      this.table = table;
      this.columns = columns;
    }

    @Override
    @SuppressWarnings("ReferenceEquality")
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
      return other instanceof Key that && that.table == table && that.columns == columns;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(table) * 31 + System.identityHashCode(columns);
    }
  }
}
