package org.tidbbinlog.sinks.mysql.apply;

import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.rows.RowShape;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.TableName;

/**
 * Columns that a DDL takes away whose binlog is still to come (decision 0057): rows of its schema
 * versions lack them, deletes sooner than updates. A delete without them may take a twin of its
 * row; from then on the table's rows, unless a key finds them, are told apart by the other columns
 * only, which is all that will be left. Forgotten with the table's structure. Bounded; thread-safe.
 */
final class LeavingColumns {
  private static final int MOST = 10_000;

  /**
   * @param info the table as it was when they were missed
   * @param names quoted, in lower case
   */
  private record Leaving(TableInfo info, Set<String> names, Map<RowShape, RowShape> shapes) {
    Leaving(TableInfo info, Set<String> names) {
      this(info, Set.copyOf(names), Collections.synchronizedMap(new IdentityHashMap<>()));
    }
  }

  private final Map<TableName, Leaving> tables = new ConcurrentHashMap<>();
  private final Map<List<ColumnInfo>, Set<String>> lacks =
      Collections.synchronizedMap(new IdentityHashMap<>());

  /** A row of the stream, in order. */
  void saw(RowChange change, long schemaVersion) {
    TableVersion version = change.table();
    if (change.kind() == RowChange.Kind.INSERT || schemaVersion <= version.schemaVersion()) {
      return;
    }
    Set<String> missing = missing(version.info(), TargetShapes.columns(change));
    if (!missing.isEmpty()) {
      if (tables.size() >= MOST) {
        tables.clear(); // Tables with a key are noted too, and nothing asks for them.
      }
      tables.merge(
          TableName.of(version), new Leaving(version.info(), missing), LeavingColumns::both);
    }
  }

  @SuppressWarnings("ReferenceEquality") // another object is another version
  private static Leaving both(Leaving before, Leaving now) {
    if (before.info != now.info) {
      return now;
    }
    if (before.names.containsAll(now.names)) {
      return before;
    }
    Set<String> all = new HashSet<>(before.names);
    all.addAll(now.names);
    return new Leaving(now.info, all);
  }

  private Set<String> missing(TableInfo info, List<ColumnInfo> columns) {
    Set<String> known = lacks.get(columns);
    if (known != null) {
      return known;
    }
    Set<String> missing = new HashSet<>();
    for (ColumnInfo column : info.columns()) {
      if (column.isPublic() && !column.isGenerated() && !column.hidden()) {
        missing.add(column.name().lower());
      }
    }
    columns.forEach(column -> missing.remove(column.name().lower()));
    Set<String> quoted = new HashSet<>();
    missing.forEach(name -> quoted.add(SqlText.name(name)));
    if (lacks.size() > MOST) {
      lacks.clear();
    }
    lacks.put(columns, Set.copyOf(quoted));
    return quoted;
  }

  /** How rows of a table without a key are told apart now. */
  @SuppressWarnings("ReferenceEquality")
  RowShape without(TableVersion version, RowShape shape) {
    if (tables.isEmpty()) {
      return shape;
    }
    TableName name = TableName.of(version);
    Leaving leaving = tables.get(name);
    if (leaving == null) {
      return shape;
    }
    if (leaving.info != version.info()) {
      tables.remove(name, leaving);
      return shape;
    }
    return leaving.shapes.computeIfAbsent(shape, full -> full.comparedWithout(leaving.names));
  }
}
