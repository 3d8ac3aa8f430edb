package org.tidbbinlog.testkit.workload;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.DbInfo;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;

/** One database and its tables, in the order they came. */
final class ModelDatabase {
  private final long id;
  private final String name;
  private final List<ModelTable> tables = new ArrayList<>();
  private final List<TableInfo> views = new ArrayList<>();
  private final Set<Long> lostViews = new HashSet<>();
  private final Deque<String> freed = new ArrayDeque<>();

  ModelDatabase(long id, String name) {
    this.id = id;
    this.name = name;
  }

  long id() {
    return id;
  }

  String name() {
    return name;
  }

  List<ModelTable> tables() {
    return tables;
  }

  /** All that were made and not dropped by their name. */
  List<TableInfo> views() {
    return views;
  }

  /** A recovered database comes back without the views it had. */
  void loseViews(ModelDatabase old) {
    old.views.forEach(view -> lostViews.add(view.id()));
    lostViews.addAll(old.lostViews);
  }

  List<TableInfo> viewsThere() {
    return views.stream().filter(view -> !lostViews.contains(view.id())).toList();
  }

  /** A table of that name is gone: the next one may have it. */
  void free(String tableName) {
    freed.add(tableName);
  }

  /** A name that an earlier table had, once. */
  Optional<String> freedName() {
    Optional<String> name = Optional.ofNullable(freed.poll());
    return name.isPresent() && has(name.get()) ? freedName() : name;
  }

  boolean has(String tableName) {
    return tables.stream().anyMatch(table -> table.name().equalsIgnoreCase(tableName));
  }

  DbInfo info(SchemaState state) {
    return new DbInfo(id, CiName.of(name), "utf8mb4", ColumnSort.COLLATE, state);
  }
}
