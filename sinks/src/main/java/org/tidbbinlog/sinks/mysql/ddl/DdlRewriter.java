package org.tidbbinlog.sinks.mysql.ddl;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.ddl.DdlHead.Kind;
import org.tidbbinlog.sinks.mysql.ddl.SqlLexer.DoubleQuotes;
import org.tidbbinlog.sinks.mysql.ddl.SqlLexer.TidbComments;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.Dialect;

/**
 * From the text of a DDL to what the target executes. Changes are spliced into the text by
 * position, so whatever is not known here survives as it was written.
 */
final class DdlRewriter {
  private final Dialect dialect;
  private final DoubleQuotes quotes;

  DdlRewriter(Dialect dialect, String sqlMode) {
    this.dialect = dialect;
    String upper = sqlMode.toUpperCase(java.util.Locale.ROOT);
    this.quotes = upper.contains("ANSI") ? DoubleQuotes.NAME : DoubleQuotes.STRING;
  }

  /** The statements of one DDL in order, usually one; none when an obstacle stands in the way. */
  List<DdlPlan> plan(SinkItem.Ddl item) {
    if (!item.obstacle().isNone()) {
      return List.of();
    }
    List<String> statements = split(item.query());
    JobTables tables = tables(item, statements.size());
    List<DdlPlan> plans = new ArrayList<>();
    for (int i = 0; i < statements.size(); i++) {
      plans.add(plan(statements.get(i), i, item, tables));
    }
    if (plans.size() > 1 && item.job().action() != DdlAction.CREATE_TABLES) {
      List<DdlPlan> ofTable = plans.stream().filter(plan -> isAbout(plan, item)).toList();
      return ofTable.isEmpty() ? plans : ofTable;
    }
    return plans;
  }

  private JobTables tables(SinkItem.Ddl item, int statements) {
    List<DdlHead> upstream =
        item.job().action() == DdlAction.CREATE_TABLES
            ? split(item.job().query()).stream().map(sql -> DdlHead.of(tokens(sql))).toList()
            : List.of();
    return JobTables.of(item.job(), statements, upstream);
  }

  /** Statements that an operator wrote for this target: nothing of them is changed. */
  List<DdlPlan> asWritten(String text) {
    return split(text).stream()
        .map(
            sql ->
                new DdlPlan(
                    sql,
                    DdlHead.of(tokens(sql)),
                    List.of(),
                    DdlPlan.Author.OPERATOR,
                    DdlZone.ASSUMED))
        .toList();
  }

  private static boolean isAbout(DdlPlan plan, SinkItem.Ddl item) {
    return plan.head().tables().stream()
        .anyMatch(table -> table.table().equalsIgnoreCase(item.table()));
  }

  private List<String> split(String query) {
    List<String> statements = new ArrayList<>();
    int from = 0;
    for (SqlToken token : tokens(query)) {
      if (token.is(";") || token.kind() == SqlToken.Kind.END) {
        String statement = query.substring(from, token.start()).strip();
        if (tokens(statement).size() > 1) {
          statements.add(statement);
        }
        from = token.end();
      }
    }
    return statements;
  }

  private List<SqlToken> tokens(String sql) {
    return SqlLexer.tokens(
        sql, quotes, dialect.isTiDb() ? TidbComments.TEXT : TidbComments.SKIPPED);
  }

  private DdlPlan plan(String statement, int position, SinkItem.Ddl item, JobTables ofJob) {
    List<SqlToken> tokens = tokens(statement);
    DdlHead head = DdlHead.of(tokens);
    Optional<TableInfo> table = ofJob.table(position, head);
    Rewrite rewrite = new Rewrite(dialect, statement, tokens, Collations.of(item.job(), table));
    if (head.kind() == Kind.TIDB_ONLY) {
      return new DdlPlan("", head, List.of());
    }
    if (head.scope() == DdlHead.Scope.TEMPORARY) {
      return new DdlPlan("", head, List.of("temporary table"));
    }
    keepOnlyDropped(rewrite, head, item);
    if (head.scope() == DdlHead.Scope.GLOBAL_TEMPORARY && !dialect.isTiDb()) {
      makeOrdinary(rewrite);
    }
    if (dialect.isTiDb()) {
      OptionRules.rewrite(rewrite, head.bodyToken(), tokens.size() - 1);
    } else if (!rewriteForOthers(rewrite, head)) {
      return new DdlPlan("", head, rewrite.skipped);
    }
    DdlZone zone = TimeLiterals.of(rewrite, head, item.job(), table).settle();
    return new DdlPlan(
        rewrite.edits.result(), head, rewrite.skipped, DdlPlan.Author.UPSTREAM, zone);
  }

  /**
   * A global temporary table is an ordinary, always empty one elsewhere: it holds no rows that
   * others see, and later DDL finds it.
   */
  private static void makeOrdinary(Rewrite rewrite) {
    int end = rewrite.tokens.size() - 1;
    for (int i = 0; i < end; i++) {
      if (rewrite.token(i).is("global") && rewrite.token(i + 1).is("temporary")) {
        rewrite.skip(i, i + 2, "global temporary");
      }
      if (rewrite.token(i).is("on") && rewrite.token(i + 1).is("commit")) {
        rewrite.drop(i, Math.min(end, i + 4));
      }
    }
  }

  /** A DROP of several tables makes one job a table, all with the same text. */
  private static void keepOnlyDropped(Rewrite rewrite, DdlHead head, SinkItem.Ddl item) {
    boolean drop =
        head.kind() == Kind.DROP_TABLE
            || head.kind() == Kind.DROP_VIEW
            || head.kind() == Kind.DROP_SEQUENCE;
    if (!drop || head.tables().size() < 2) {
      return;
    }
    List<TableRef> dropped =
        head.tables().stream()
            .filter(
                table ->
                    table.table().equalsIgnoreCase(item.table())
                        && table.schemaOr(item.schema()).equalsIgnoreCase(item.schema()))
            .toList();
    if (dropped.isEmpty()) {
      return;
    }
    String name = SqlText.name(item.schema(), dropped.get(0).table());
    TableRef first = head.tables().get(0);
    TableRef last = head.tables().get(head.tables().size() - 1);
    int start = first.start();
    for (int i = 0; i < rewrite.tokens.size(); i++) {
      boolean qualified =
          rewrite.token(i).start() == first.start() && i > 1 && rewrite.token(i - 1).is(".");
      start = qualified ? rewrite.token(i - 2).start() : start;
    }
    rewrite.edits.replace(start, last.end(), name);
  }

  private boolean rewriteForOthers(Rewrite rewrite, DdlHead head) {
    int body = head.bodyToken();
    int end = rewrite.tokens.size() - 1;
    switch (head.kind()) {
      case CREATE_DATABASE, ALTER_DATABASE -> {
        database(rewrite, head, body, end);
        return true;
      }
      case CREATE_TABLE -> {
        CreateTableRules.rewrite(rewrite, body);
        return true;
      }
      case ALTER_TABLE -> {
        return AlterTableRules.rewrite(rewrite, body);
      }
      case CREATE_INDEX -> {
        return createIndex(rewrite, body, end);
      }
      case CREATE_SEQUENCE, ALTER_SEQUENCE, DROP_SEQUENCE -> {
        return sequence(rewrite, body, end);
      }
      default -> {
        return true;
      }
    }
  }

  private static void database(Rewrite rewrite, DdlHead head, int body, int end) {
    OptionRules.rewrite(rewrite, body, end);
    CharsetRules.addCollations(rewrite, body, end);
    if (head.kind() == Kind.CREATE_DATABASE && !CharsetRules.isNamed(rewrite, body, end)) {
      rewrite.edits.insert(rewrite.token(body - 1).end(), rewrite.collations.forNewDatabase());
    }
  }

  private static boolean createIndex(Rewrite rewrite, int body, int end) {
    Clause parts = new Clause(rewrite.tokens, body, end);
    if (rewrite.isMariaDb() && DefinitionRules.opensExpression(parts, body)) {
      rewrite.skipped.add("index over an expression");
      return false;
    }
    DefinitionRules.rewriteKey(rewrite, parts);
    return true;
  }

  private static boolean sequence(Rewrite rewrite, int body, int end) {
    if (!rewrite.isMariaDb()) {
      rewrite.skipped.add("sequence");
      return false;
    }
    for (int i = body; i + 1 < end; i++) {
      boolean two =
          rewrite.token(i).is("no")
              && (rewrite.token(i + 1).is("cache") || rewrite.token(i + 1).is("cycle"));
      if (two) {
        rewrite.edits.replace(
            rewrite.token(i).start(),
            rewrite.token(i + 1).end(),
            "NO" + rewrite.token(i + 1).text());
      }
    }
    for (int i = body; i + 1 < end; i++) {
      if (rewrite.token(i).is("comment")) {
        rewrite.drop(i, rewrite.token(i + 1).is("=") ? i + 3 : i + 2);
      }
    }
    return true;
  }
}
