package org.tidbbinlog.drainer.translate;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.drainer.filter.BinlogFilter;
import org.tidbbinlog.drainer.filter.FilterSettings.TableName;
import org.tidbbinlog.drainer.filter.TableRoutes;
import org.tidbbinlog.drainer.schema.RenameStatement;
import org.tidbbinlog.drainer.schema.SchemaTracker;
import org.tidbbinlog.drainer.schema.SqlWords;
import org.tidbbinlog.drainer.sink.Obstacle;

/**
 * Puts the target's names into a DDL: every table and database the statement names, wherever it
 * stands. What would take the rows of other tables with it, since several share one target, is
 * held. Source: drainer section 2.1.
 */
final class DdlRoutes {
  private final TableRoutes routes;
  private final SharedTargets shared;

  DdlRoutes(BinlogFilter filter) {
    this.routes = filter.routes();
    this.shared = new SharedTargets(filter);
  }

  /**
   * A DDL as upstream ran it.
   *
   * @param runsIn database that unqualified names mean
   * @param subjects what it is about, those that pass the filters; not empty
   */
  record Statement(String query, String runsIn, List<DdlNames.Subject> subjects) {}

  /** A DDL for the target. */
  record Routed(String query, String schema, String table, Obstacle obstacle) {
    Routed(String query, String schema, String table) {
      this(query, schema, table, Obstacle.NONE);
    }
  }

  /** Empty when nothing is left to do at the target: a rename there to the name it has. */
  Optional<Routed> route(Statement statement, SchemaTracker.Step step) {
    DdlNames.Subject first = statement.subjects().get(0);
    if (routes.isEmpty()) {
      return Optional.of(new Routed(statement.query(), statement.runsIn(), first.table()));
    }
    try {
      Optional<String> why = shared.whyHeld(statement, step).or(() -> whyUnread(statement));
      if (why.isPresent()) {
        return Optional.of(held(statement, step, Obstacle.Kind.NO_ROUTE, why.get()));
      }
      Statement moving = withoutSameNames(statement);
      if (moving.query().isEmpty()) {
        return Optional.empty();
      }
      String schema = database(first);
      return Optional.of(new Routed(rewritten(moving, schema), schema, target(first).table()));
    } catch (OperatorException contradiction) {
      String why = String.valueOf(contradiction.getMessage());
      return Optional.of(held(statement, step, Obstacle.Kind.NO_ROUTE, why));
    }
  }

  private Optional<String> whyUnread(Statement statement) {
    StatementNames found = StatementNames.of(statement.query());
    return found.reading() == StatementNames.Reading.UNSURE && isRouted(statement, found)
        ? Optional.of("not all names in it can be found, to give them the target's")
        : Optional.empty();
  }

  private String database(DdlNames.Subject subject) {
    return subject.table().isEmpty() ? routes.database(subject.schema()) : target(subject).schema();
  }

  private TableName target(DdlNames.Subject subject) {
    return subject.table().isEmpty()
        ? new TableName(routes.database(subject.schema()), "")
        : routes.table(subject.schema(), subject.table());
  }

  /** Renames from a name to the same name at the target are left out; nothing may be left. */
  private Statement withoutSameNames(Statement statement) {
    RenameStatement rename = RenameStatement.parse(statement.query());
    if (rename.pairs().isEmpty() || SharedTargets.isExchange(SqlWords.of(statement.query()))) {
      return statement;
    }
    List<RenameStatement.Pair> moving = new ArrayList<>();
    for (RenameStatement.Pair pair : rename.pairs()) {
      TableName from = target(pair.from(), statement.runsIn());
      if (!from.equals(target(pair.to(), statement.runsIn()))) {
        moving.add(pair);
      }
    }
    if (moving.size() == rename.pairs().size()) {
      return statement;
    }
    String rest = moving.isEmpty() ? "" : new RenameStatement(moving).text();
    return new Statement(rest, statement.runsIn(), statement.subjects());
  }

  private TableName target(RenameStatement.Name name, String runsIn) {
    return routes.table(name.isQualified() ? name.schema() : runsIn, name.table());
  }

  private String rewritten(Statement statement, String schema) {
    StatementNames found = StatementNames.of(statement.query());
    StringBuilder out = new StringBuilder();
    int from = 0;
    for (StatementNames.Name name : found.names()) {
      out.append(statement.query(), from, name.start());
      String old = statement.query().substring(name.start(), name.end());
      out.append(named(name, old, statement.runsIn(), schema));
      from = name.end();
    }
    return out.append(statement.query(), from, statement.query().length()).toString();
  }

  private boolean isRouted(Statement statement, StatementNames found) {
    return statement.subjects().stream().anyMatch(subject -> !isSame(subject))
        || found.names().stream()
            .filter(name -> name.kind() != StatementNames.Kind.DATABASE)
            .anyMatch(name -> !isSame(new DdlNames.Subject(schema(name, statement), name.table())));
  }

  private static String schema(StatementNames.Name name, Statement statement) {
    return name.schema().isEmpty() ? statement.runsIn() : name.schema();
  }

  private boolean isSame(DdlNames.Subject subject) {
    return target(subject).equals(new TableName(subject.schema(), subject.table()));
  }

  /** The name for the target; as it was written where it means the same there. */
  private String named(StatementNames.Name name, String old, String runsIn, String schema) {
    if (name.kind() == StatementNames.Kind.DATABASE) {
      String database = routes.database(name.schema());
      return database.equals(name.schema()) ? old : quoted(database);
    }
    String source = name.schema().isEmpty() ? runsIn : name.schema();
    TableName target = routes.table(source, name.table());
    boolean same = target.table().equals(name.table()) && target.schema().equals(source);
    if (same && (!name.schema().isEmpty() || schema.equals(runsIn))) {
      return old;
    }
    String qualified = quoted(target.schema()) + "." + quoted(target.table());
    boolean otherName = !target.table().equals(name.table());
    return switch (name.kind()) {
      case SOURCE -> otherName ? qualified + " AS " + quoted(name.table()) : qualified;
      case OWNER -> otherName ? quoted(name.table()) : qualified;
      default -> qualified;
    };
  }

  private static String quoted(String name) {
    return "`" + name.replace("`", "``") + "`";
  }

  /**
   * A DDL that somebody has to choose for, with upstream's text.
   *
   * @param why as the end of a sentence
   */
  Routed held(Statement statement, SchemaTracker.Step step, Obstacle.Kind kind, String why) {
    DdlNames.Subject first = statement.subjects().get(0);
    Set<Obstacle.Table> tables = new LinkedHashSet<>();
    boolean all = statement.subjects().stream().anyMatch(subject -> subject.schema().isEmpty());
    if (!all) {
      statement.subjects().forEach(subject -> addTargets(subject, step, tables));
      addNamed(statement, tables);
    }
    TableName target = leniently(first);
    return new Routed(
        statement.query(),
        target.schema(),
        target.table(),
        new Obstacle(kind, why, List.copyOf(tables)));
  }

  private void addTargets(
      DdlNames.Subject subject, SchemaTracker.Step step, Set<Obstacle.Table> tables) {
    tables.add(obstacle(leniently(subject)));
    if (subject.table().isEmpty()) {
      step.before()
          .forEachTable(
              (id, table) -> {
                String schema = step.before().databaseNameOf(table);
                if (schema.equalsIgnoreCase(subject.schema())) {
                  String name = table.info().name().original();
                  tables.add(obstacle(leniently(new DdlNames.Subject(schema, name))));
                }
              });
    }
  }

  private void addNamed(Statement statement, Set<Obstacle.Table> tables) {
    for (StatementNames.Name name : StatementNames.of(statement.query()).names()) {
      switch (name.kind()) {
        case TABLE ->
            tables.add(
                obstacle(leniently(new DdlNames.Subject(schema(name, statement), name.table()))));
        case DATABASE -> tables.add(obstacle(leniently(new DdlNames.Subject(name.schema(), ""))));
        case SOURCE, ALIASED_SOURCE, OWNER -> {} // A view does not change what it reads.
      }
    }
  }

  private static Obstacle.Table obstacle(TableName name) {
    return new Obstacle.Table(name.schema(), name.table());
  }

  /** Its own name where rules contradict each other: no row of it gets past them. */
  private TableName leniently(DdlNames.Subject subject) {
    try {
      return target(subject);
    } catch (OperatorException contradiction) {
      return new TableName(subject.schema(), subject.table());
    }
  }
}
