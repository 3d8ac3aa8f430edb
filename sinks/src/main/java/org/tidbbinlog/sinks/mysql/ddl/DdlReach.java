package org.tidbbinlog.sinks.mysql.ddl;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.drainer.sink.Obstacle;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.target.TableName;

/**
 * The tables whose rows must wait for a DDL: each that its statements name, before and after, and
 * each that its job tells of. Rows of all others are the same whether it has run or not.
 *
 * @param extent {@link Extent#EVERYTHING} when nothing tells what it is about
 * @param schemas whole databases, in lower case
 */
public record DdlReach(Extent extent, Set<String> schemas, Set<TableName> tables) {
  public static final DdlReach NOTHING = new DdlReach(Extent.NAMED, Set.of(), Set.of());

  /** How much is told by name. */
  public enum Extent {
    NAMED,
    EVERYTHING
  }

  public DdlReach {
    schemas = Set.copyOf(schemas);
    tables = Set.copyOf(tables);
  }

  public static DdlReach tables(Set<TableName> names) {
    return new DdlReach(Extent.NAMED, Set.of(), names);
  }

  static DdlReach of(SinkItem.Ddl item, List<DdlPlan> plans) {
    DdlReach ofPlans = ofPlans(item, plans);
    return item.obstacle().isNone() ? ofPlans : ofObstacle(item.obstacle()).and(ofPlans);
  }

  private static DdlReach ofObstacle(Obstacle obstacle) {
    Set<String> schemas = new LinkedHashSet<>();
    Set<TableName> tables = new LinkedHashSet<>();
    for (Obstacle.Table table : obstacle.tables()) {
      if (table.table().isEmpty()) {
        schemas.add(lower(table.schema()));
      } else {
        tables.add(TableName.of(table.schema(), table.table()));
      }
    }
    Extent extent = obstacle.tables().isEmpty() ? Extent.EVERYTHING : Extent.NAMED;
    return new DdlReach(extent, schemas, tables);
  }

  private static DdlReach ofPlans(SinkItem.Ddl item, List<DdlPlan> plans) {
    Set<String> schemas = new LinkedHashSet<>();
    Set<TableName> tables = new LinkedHashSet<>();
    Extent extent = Extent.NAMED;
    for (DdlPlan plan : plans) {
      plan.head().tables().forEach(table -> tables.add(name(table, item)));
      Exchange.of(plan.sql()).ifPresent(other -> tables.add(name(other, item)));
      switch (plan.head().kind()) {
        case CREATE_DATABASE, DROP_DATABASE -> schemas.add(lower(item.schema()));
        case RESURRECT, OTHER -> {
          if (item.table().isEmpty() && !item.schema().isEmpty()) {
            schemas.add(lower(item.schema()));
          } else if (item.table().isEmpty()) {
            extent = Extent.EVERYTHING;
          }
        }
        default -> {}
      }
    }
    if (!item.table().isEmpty()) {
      tables.add(TableName.of(item.schema(), item.table()));
    }
    for (TableInfo made : item.job().multipleTables()) {
      tables.add(TableName.of(item.schema(), made.name().original()));
    }
    // Without text the tables behind the first are told by upstream's names alone.
    boolean told =
        !item.obstacle().isNone()
            || !plans.isEmpty()
            || (!tables.isEmpty() && item.job().multipleTables().size() < 2);
    return new DdlReach(told ? extent : Extent.EVERYTHING, schemas, tables);
  }

  private static TableName name(TableRef table, SinkItem.Ddl item) {
    return TableName.of(table.schemaOr(item.schema()), table.table());
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  public boolean contains(TableName name) {
    return extent == Extent.EVERYTHING || tables.contains(name) || schemas.contains(name.schema());
  }

  public boolean covers(DdlReach other) {
    return extent == Extent.EVERYTHING
        || (other.extent == Extent.NAMED
            && schemas.containsAll(other.schemas)
            && other.tables.stream().allMatch(this::contains));
  }

  public DdlReach and(DdlReach other) {
    if (covers(other)) {
      return this;
    }
    boolean all = extent == Extent.EVERYTHING || other.extent == Extent.EVERYTHING;
    Set<String> bothSchemas = new LinkedHashSet<>(schemas);
    bothSchemas.addAll(other.schemas);
    Set<TableName> bothTables = new LinkedHashSet<>(tables);
    bothTables.addAll(other.tables);
    return new DdlReach(all ? Extent.EVERYTHING : Extent.NAMED, bothSchemas, bothTables);
  }

  /** For people: {@code schema.table}, {@code schema.*}, or {@code *}. */
  public List<String> names() {
    return extent == Extent.EVERYTHING
        ? List.of("*")
        : Stream.concat(
                schemas.stream().map(schema -> schema + ".*"),
                tables.stream().map(TableName::toString))
            .sorted()
            .toList();
  }
}
