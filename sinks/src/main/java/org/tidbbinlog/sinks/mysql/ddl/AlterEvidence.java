package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetColumn;
import org.tidbbinlog.sinks.mysql.target.TargetTable;
import org.tidbbinlog.sinks.mysql.target.TargetTables;

/**
 * Whether an ALTER TABLE, or a statement about an index, has had its effect: each clause that makes
 * or drops something with a name is compared with what the target has.
 */
final class AlterEvidence {
  /** What the target says of one clause. */
  private enum Seen {
    DONE,
    NOT_DONE,
    /** It changes nothing that has a name. */
    NOTHING_TO_SEE
  }

  private final SqlSession session;
  private final String schema;
  private final TargetTable table;
  private final List<IndexShape> indexes;

  private AlterEvidence(SqlSession session, String schema, String table) throws SQLException {
    this.session = session;
    this.schema = schema;
    String name = DdlNames.atTarget(session, schema, table);
    this.table = TargetTables.read(schema, name, session::query);
    this.indexes = IndexShape.read(session, schema, name);
  }

  static boolean isCreated(SqlSession session, DdlPlan plan, SinkItem.Ddl item)
      throws SQLException {
    List<SqlToken> tokens = tokens(plan);
    IndexShape wanted = IndexShape.ofCreateIndex(new Clause(tokens, 0, end(tokens)));
    return of(session, plan, item).has(wanted);
  }

  /** The table is there and the index is not. */
  static boolean isDropped(SqlSession session, DdlPlan plan, SinkItem.Ddl item)
      throws SQLException {
    List<SqlToken> tokens = tokens(plan);
    Clause statement = new Clause(tokens, 0, end(tokens));
    AlterEvidence there = of(session, plan, item);
    int at = statement.at(2).is("if") ? 4 : 2;
    return !there.table.columns().isEmpty() && there.index(statement.at(at)).isEmpty();
  }

  /** Every clause that can be seen has had its effect, and there is one. */
  static boolean isAltered(SqlSession session, DdlPlan plan, SinkItem.Ddl item)
      throws SQLException {
    List<SqlToken> tokens = tokens(plan);
    List<Clause> clauses = Clause.split(tokens, DdlHead.of(tokens).bodyToken(), end(tokens));
    Optional<TableRef> newName =
        clauses.stream().flatMap(clause -> renamedTo(clause).stream()).findFirst();
    if (newName.isPresent()) {
      return isRenamed(session, plan, item, newName.get());
    }
    AlterEvidence there = of(session, plan, item);
    if (there.table.columns().isEmpty()
        || DdlEvidence.look(session, plan, item) == DdlEvidence.Effect.NOT_THERE) {
      return false;
    }
    List<Seen> seen = new ArrayList<>();
    for (Clause clause : clauses) {
      seen.add(there.look(clause));
    }
    return seen.contains(Seen.DONE) && !seen.contains(Seen.NOT_DONE);
  }

  /** Whether the statement only says which indexes are seen. */
  static boolean isVisibilityAlone(DdlPlan plan) {
    List<SqlToken> tokens = tokens(plan);
    return plan.head().kind() == DdlHead.Kind.ALTER_TABLE
        && Clause.split(tokens, DdlHead.of(tokens).bodyToken(), end(tokens)).stream()
            .allMatch(clause -> clause.startsWith("alter", "index"));
  }

  private static boolean isRenamed(
      SqlSession session, DdlPlan plan, SinkItem.Ddl item, TableRef newName) throws SQLException {
    String target = newName.schemaOr(item.schema());
    AlterEvidence before = of(session, plan, item);
    AlterEvidence after = new AlterEvidence(session, target, newName.table());
    return before.table.columns().isEmpty() && !after.table.columns().isEmpty();
  }

  private static AlterEvidence of(SqlSession session, DdlPlan plan, SinkItem.Ddl item)
      throws SQLException {
    TableRef table = plan.head().tables().get(0);
    return new AlterEvidence(session, table.schemaOr(item.schema()), table.table());
  }

  private static List<SqlToken> tokens(DdlPlan plan) {
    return SqlLexer.tokens(plan.sql(), SqlLexer.DoubleQuotes.STRING, SqlLexer.TidbComments.SKIPPED);
  }

  private static int end(List<SqlToken> tokens) {
    int end = tokens.size() - 1;
    return end > 0 && tokens.get(end - 1).is(";") ? end - 1 : end;
  }

  private static Optional<TableRef> renamedTo(Clause clause) {
    boolean other =
        clause.startsWith("rename", "index")
            || clause.startsWith("rename", "key")
            || clause.startsWith("rename", "column");
    if (!clause.at(0).is("rename") || other) {
      return Optional.empty();
    }
    int at = clause.at(1).is("to") || clause.at(1).is("as") || clause.at(1).is("=") ? 2 : 1;
    boolean qualified = clause.at(at + 1).is(".");
    SqlToken name = clause.at(qualified ? at + 2 : at);
    return Optional.of(
        new TableRef(
            qualified ? clause.at(at).text() : "",
            name.text(),
            TableRef.Existence.NEW,
            name.start(),
            name.end()));
  }

  private Seen look(Clause clause) throws SQLException {
    String verb = clause.at(0).text().toLowerCase(Locale.ROOT);
    return switch (verb) {
      case "add" -> added(new Clause(clause.tokens(), clause.from() + 1, clause.to()));
      case "drop" -> dropped(clause);
      case "rename" -> renamed(clause);
      case "change" -> changed(clause);
      case "modify" ->
          hasColumn(clause.at(behindColumnWord(clause, 1))) ? Seen.NOTHING_TO_SEE : Seen.NOT_DONE;
      default -> Seen.NOTHING_TO_SEE;
    };
  }

  private Seen added(Clause definition) {
    if (definition.at(0).is("partition")) {
      return Seen.NOTHING_TO_SEE;
    }
    if (DefinitionRules.isKey(definition)) {
      boolean constraint =
          definition.at(0).is("constraint") && !DefinitionRules.isKeyWord(definition.at(1));
      SqlToken kind = definition.at(constraint ? 2 : definition.at(0).is("constraint") ? 1 : 0);
      boolean noIndex = kind.is("foreign") || kind.is("check");
      return noIndex ? Seen.NOTHING_TO_SEE : seen(has(IndexShape.ofDefinition(definition)));
    }
    int at = behindColumnWord(definition, 0);
    if (!definition.at(at).is("(")) {
      return seen(
          isColumn(new Clause(definition.tokens(), definition.from() + at, definition.to())));
    }
    int open = definition.from() + at;
    int behind = Clause.behindParenthesis(definition.tokens(), open, definition.to());
    return seen(
        Clause.split(definition.tokens(), open + 1, behind - 1).stream().allMatch(this::isColumn));
  }

  private Seen dropped(Clause clause) throws SQLException {
    SqlToken what = clause.at(1);
    if (what.is("partition")) {
      return Seen.NOTHING_TO_SEE;
    }
    if (what.is("primary")) {
      return seen(indexes.stream().noneMatch(index -> index.name().equals(IndexShape.PRIMARY)));
    }
    if (what.is("foreign") || what.is("constraint") || what.is("check")) {
      int at = what.is("foreign") ? 3 : 2;
      return seen(!hasConstraint(clause.at(clause.at(at).is("if") ? at + 2 : at).text()));
    }
    if (what.is("index") || what.is("key")) {
      return seen(index(clause.at(clause.at(2).is("if") ? 4 : 2)).isEmpty());
    }
    return seen(!hasColumn(clause.at(behindColumnWord(clause, 1))));
  }

  private Seen renamed(Clause clause) {
    boolean column = clause.at(1).is("column");
    SqlToken from = clause.at(2);
    SqlToken to = clause.at(4);
    return column
        ? seen(!hasColumn(from) && hasColumn(to))
        : seen(index(from).isEmpty() && index(to).isPresent());
  }

  private Seen changed(Clause clause) {
    int at = behindColumnWord(clause, 1);
    SqlToken from = clause.at(at);
    SqlToken to = clause.at(at + 1);
    if (from.text().equalsIgnoreCase(to.text())) {
      return hasColumn(to) ? Seen.NOTHING_TO_SEE : Seen.NOT_DONE;
    }
    return seen(!hasColumn(from) && hasColumn(to));
  }

  /** Behind {@code [COLUMN] [IF [NOT] EXISTS]}. */
  private static int behindColumnWord(Clause clause, int from) {
    int at = clause.at(from).is("column") ? from + 1 : from;
    if (clause.at(at).is("if")) {
      at += clause.at(at + 1).is("not") ? 3 : 2;
    }
    return at;
  }

  private static Seen seen(boolean done) {
    return done ? Seen.DONE : Seen.NOT_DONE;
  }

  private boolean has(IndexShape wanted) {
    return indexes.stream().anyMatch(wanted::isMetBy);
  }

  private Optional<IndexShape> index(SqlToken name) {
    return indexes.stream().filter(index -> index.name().equalsIgnoreCase(name.text())).findFirst();
  }

  private boolean hasColumn(SqlToken name) {
    return !table.column(name.text()).equals(TargetColumn.MISSING);
  }

  /** A column of that name and of a kindred type. */
  private boolean isColumn(Clause definition) {
    SqlToken name = definition.at(0);
    return hasColumn(name)
        && TypeFamily.of(definition.at(1).text())
            .fits(TypeFamily.of(table.column(name.text()).dataType()));
  }

  private boolean hasConstraint(String name) throws SQLException {
    return !session
        .query(
            "select 1 from information_schema.table_constraints where constraint_schema="
                + SqlText.string(schema)
                + " and table_name="
                + SqlText.string(table.name())
                + " and constraint_name="
                + SqlText.string(name))
        .isEmpty();
  }
}
