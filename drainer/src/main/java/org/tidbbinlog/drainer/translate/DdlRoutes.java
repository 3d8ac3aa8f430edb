package org.tidbbinlog.drainer.translate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.filter.BinlogFilter;
import org.tidbbinlog.drainer.filter.FilterSettings.TableName;
import org.tidbbinlog.drainer.filter.TableRoutes;
import org.tidbbinlog.drainer.schema.RenameStatement;
import org.tidbbinlog.drainer.schema.SchemaTracker;
import org.tidbbinlog.drainer.schema.SqlWords;

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
  record Statement(String query, String runsIn, List<DdlNames.Subject> subjects, Tso commitTs) {}

  /** A DDL for the target. */
  record Routed(String query, String schema, String table) {}

  /**
   * Empty when nothing is left to do at the target: a rename there to the name it has.
   *
   * @throws OperatorException when the statement cannot be given the target's names
   */
  Optional<Routed> route(Statement statement, SchemaTracker.Step step) {
    DdlNames.Subject first = statement.subjects().get(0);
    if (routes.isEmpty()) {
      return Optional.of(new Routed(statement.query(), statement.runsIn(), first.table()));
    }
    Optional<String> why = shared.whyHeld(statement, step);
    if (why.isPresent()) {
      throw held(statement, why.get());
    }
    Statement moving = withoutSameNames(statement);
    if (moving.query().isEmpty()) {
      return Optional.empty();
    }
    String schema = database(first);
    String query = rewritten(moving, schema);
    return Optional.of(new Routed(query, schema, target(first).table()));
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
    return new Statement(rest, statement.runsIn(), statement.subjects(), statement.commitTs());
  }

  private TableName target(RenameStatement.Name name, String runsIn) {
    return routes.table(name.isQualified() ? name.schema() : runsIn, name.table());
  }

  private String rewritten(Statement statement, String schema) {
    StatementNames found = StatementNames.of(statement.query());
    if (found.reading() == StatementNames.Reading.UNSURE && isRouted(statement, found)) {
      throw held(statement, "not all names in it can be found, to give them the target's");
    }
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

  private static OperatorException held(Statement statement, String why) {
    String line = statement.query().replaceAll("\\s+", " ").strip();
    return new OperatorException(
        "DDL at commit ts "
            + statement.commitTs()
            + " in schema "
            + statement.runsIn()
            + " ["
            + (line.length() > 300 ? line.substring(0, 300) + "..." : line)
            + "] is held by table-migrate-rule: "
            + why
            + "; run at the target by hand what is right there, then start again with"
            + " ignore-txn-commit-ts = ["
            + statement.commitTs()
            + "], or leave such statements out with a binlog-filter-rule");
  }
}
