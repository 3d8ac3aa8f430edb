package org.tidbbinlog.drainer.translate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.tidbbinlog.drainer.filter.BinlogFilter;
import org.tidbbinlog.drainer.filter.FilterSettings.TableName;
import org.tidbbinlog.drainer.filter.TableRoutes;
import org.tidbbinlog.drainer.schema.RenameStatement;
import org.tidbbinlog.drainer.schema.SchemaSnapshot;
import org.tidbbinlog.drainer.schema.SchemaTracker;
import org.tidbbinlog.drainer.schema.SqlWords;

/**
 * Whether a DDL on one table would take rows of others with it, because they share a table or a
 * database of the target. Rows, new tables and changes of structure may share; what drops, empties
 * or moves a table may not.
 */
final class SharedTargets {
  private final BinlogFilter filter;
  private final TableRoutes routes;

  SharedTargets(BinlogFilter filter) {
    this.filter = filter;
    this.routes = filter.routes();
  }

  /** The reason not to run it at the target; empty when there is none. */
  Optional<String> whyHeld(DdlRoutes.Statement statement, SchemaTracker.Step step) {
    List<SqlWords.Word> words = SqlWords.of(statement.query());
    String verb = words.isEmpty() ? "" : words.get(0).text().toLowerCase(Locale.ROOT);
    boolean exchange = verb.equals("alter") && isExchange(words);
    return switch (verb) {
      case "drop" -> dropped(words, statement.subjects(), step);
      case "truncate", "recover", "flashback" ->
          alone(statement.subjects(), statement.subjects(), step.after());
      case "rename", "alter" ->
          exchange ? exchanged(statement, step) : renamed(statement, step.after());
      default -> Optional.empty();
    };
  }

  /** Whether an ALTER TABLE is {@code EXCHANGE PARTITION}, which also names a second table. */
  static boolean isExchange(List<SqlWords.Word> words) {
    for (int i = 0; i + 1 < words.size(); i++) {
      if (words.get(i).is("exchange") && words.get(i + 1).is("partition")) {
        return true;
      }
    }
    return false;
  }

  private Optional<String> dropped(
      List<SqlWords.Word> words, List<DdlNames.Subject> subjects, SchemaTracker.Step step) {
    String what = words.size() > 1 ? words.get(1).text().toLowerCase(Locale.ROOT) : "";
    return switch (what) {
      case "database", "schema" -> databaseDropped(subjects.get(0).schema(), step);
      case "index", "placement", "resource" -> Optional.empty();
      default -> alone(subjects, subjects, step.after());
    };
  }

  private Optional<String> databaseDropped(String schema, SchemaTracker.Step step) {
    String target = routes.database(schema);
    Optional<String> inside =
        anyTable(
            step.after(),
            table ->
                !table.schema().equalsIgnoreCase(schema)
                    && routes.table(table.schema(), table.table()).schema().equals(target));
    if (inside.isPresent()) {
      return Optional.of("rows of " + inside.get() + " are in database " + target + " too");
    }
    Optional<String> elsewhere =
        anyTable(
            step.before(),
            table ->
                table.schema().equalsIgnoreCase(schema)
                    && !routes.table(table.schema(), table.table()).schema().equals(target));
    if (elsewhere.isPresent()) {
      return Optional.of("rows of " + elsewhere.get() + " are not in database " + target);
    }
    return step.after().databaseNames().stream()
        .filter(name -> !name.equalsIgnoreCase(schema) && routes.database(name).equals(target))
        .filter(name -> filter.keepsDdl(name, "", "create database x"))
        .findFirst()
        .map(name -> "database " + name + " is " + target + " at the target too");
  }

  private Optional<String> exchanged(DdlRoutes.Statement statement, SchemaTracker.Step step) {
    List<DdlNames.Subject> both =
        RenameStatement.parse(statement.query()).pairs().stream()
            .flatMap(pair -> Stream.of(pair.from(), pair.to()))
            .map(name -> subject(name, statement.runsIn()))
            .toList();
    return alone(both, both, step.after());
  }

  /** Neither the name it leaves nor the one it takes may be another table's. */
  private Optional<String> renamed(DdlRoutes.Statement statement, SchemaSnapshot after) {
    List<DdlNames.Subject> moved = new ArrayList<>();
    List<DdlNames.Subject> own = new ArrayList<>();
    for (RenameStatement.Pair pair : RenameStatement.parse(statement.query()).pairs()) {
      DdlNames.Subject from = subject(pair.from(), statement.runsIn());
      DdlNames.Subject to = subject(pair.to(), statement.runsIn());
      own.add(from);
      own.add(to);
      if (!target(from).equals(target(to))) {
        moved.add(from);
        moved.add(to);
      }
    }
    return alone(moved, own, after);
  }

  private static DdlNames.Subject subject(RenameStatement.Name name, String runsIn) {
    return new DdlNames.Subject(name.isQualified() ? name.schema() : runsIn, name.table());
  }

  private TableName target(DdlNames.Subject subject) {
    return routes.table(subject.schema(), subject.table());
  }

  /** Whether a table that is not one of {@code own} has the target of one of {@code subjects}. */
  private Optional<String> alone(
      List<DdlNames.Subject> subjects, List<DdlNames.Subject> own, SchemaSnapshot schema) {
    List<TableName> targets =
        subjects.stream().filter(subject -> !subject.table().isEmpty()).map(this::target).toList();
    if (targets.isEmpty()) {
      return Optional.empty();
    }
    return anyTable(
            schema,
            table ->
                own.stream().noneMatch(one -> isSame(one, table))
                    && targets.contains(routes.table(table.schema(), table.table())))
        .map(other -> "rows of " + other + " are in the same table of the target");
  }

  private static boolean isSame(DdlNames.Subject one, TableName other) {
    return one.schema().equalsIgnoreCase(other.schema())
        && one.table().equalsIgnoreCase(other.table());
  }

  /** A live table that passes the filters and is such. */
  private Optional<String> anyTable(SchemaSnapshot schema, Predicate<TableName> isSuch) {
    List<String> found = new ArrayList<>();
    schema.forEachTable(
        (id, table) -> {
          TableName name =
              new TableName(schema.databaseNameOf(table), table.info().name().original());
          boolean counts =
              found.isEmpty() && !filter.keptRows(name.schema(), name.table()).isEmpty();
          if (counts && isSuch.test(name)) {
            found.add(name.schema() + "." + name.table());
          }
        });
    return found.stream().findFirst();
  }
}
