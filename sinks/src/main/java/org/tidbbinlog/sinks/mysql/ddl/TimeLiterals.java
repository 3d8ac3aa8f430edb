package org.tidbbinlog.sinks.mysql.ddl;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.ddl.SessionZone;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.MysqlType;
import org.tidbbinlog.codec.schema.PartitionInfo;
import org.tidbbinlog.codec.schema.TableInfo;

/**
 * Times of day in a DDL that mean an instant: defaults of TIMESTAMP columns, and bounds made with
 * UNIX_TIMESTAMP. Upstream's session gave them their zone; the job's table structure has the
 * instants (a default in UTC, a bound as a number), and they are written in place of the text. One
 * use. Source: ddl-meta section 8.
 */
final class TimeLiterals {
  private static final int FIRST_VERSION_IN_UTC = 1;
  private static final Pattern INSTANT =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(\\.\\d+)?");
  private static final Pattern NUMBER = Pattern.compile("-?\\d+");

  private final Rewrite rewrite;
  private final @Nullable SessionZone told;
  private final Optional<TableInfo> structure;
  private final List<Instead> exact = new ArrayList<>();
  private boolean unknown;
  private boolean converts;

  /** What is to stand in place of a stretch of the text. */
  private record Instead(int start, int end, String text) {}

  private TimeLiterals(Rewrite rewrite, DdlJob job, Optional<TableInfo> structure) {
    this.rewrite = rewrite;
    this.told = job.zone();
    this.structure = structure;
  }

  /**
   * @param structure of the table it is about, as the job tells
   */
  static TimeLiterals of(Rewrite rewrite, DdlHead head, DdlJob job, Optional<TableInfo> structure) {
    TimeLiterals literals = new TimeLiterals(rewrite, job, structure);
    int end = rewrite.tokens.size() - 1;
    switch (head.kind()) {
      case CREATE_TABLE -> {
        literals.definitions(head.bodyToken(), end);
        literals.bounds(head.bodyToken(), end);
      }
      case ALTER_TABLE -> {
        for (Clause clause : Clause.split(rewrite.tokens, head.bodyToken(), end)) {
          literals.change(clause);
        }
        literals.bounds(head.bodyToken(), end);
      }
      default -> {}
    }
    return literals;
  }

  /** Writes the instants, where that makes the statement mean the same as upstream. */
  DdlZone settle() {
    // A change of type also turns old rows from one zone's time of day into an instant or back.
    boolean zoneMatters = unknown || converts;
    if (zoneMatters && told != null) {
      return DdlZone.of(told);
    }
    if (zoneMatters && exact.isEmpty()) {
      return DdlZone.ASSUMED;
    }
    exact.forEach(one -> rewrite.edits.replace(one.start, one.end, one.text));
    return DdlZone.UTC;
  }

  /** One change of an ALTER TABLE. */
  private void change(Clause clause) {
    boolean add = clause.at(0).is("add");
    boolean change = clause.at(0).is("change");
    boolean alter = clause.at(0).is("alter");
    boolean type = change || clause.at(0).is("modify");
    converts |= type;
    if (!add && !type && !alter) {
      return;
    }
    int from = clause.from() + 1;
    from = rewrite.token(from).is("column") ? from + 1 : from;
    while (rewrite.token(from).is("if")
        || rewrite.token(from).is("not")
        || rewrite.token(from).is("exists")) {
      from++;
    }
    if (add && rewrite.token(from).is("(")) {
      definitions(from, clause.to());
    } else {
      from = change ? from + 1 : from;
      definition(new Clause(clause.tokens(), Math.min(from, clause.to()), clause.to()));
    }
  }

  /** Columns and keys between parentheses, when one opens here. */
  private void definitions(int open, int to) {
    if (rewrite.token(open).is("(")) {
      int end = Clause.behindParenthesis(rewrite.tokens, open, to);
      Clause.split(rewrite.tokens, open + 1, end - 1).forEach(this::definition);
    }
  }

  /** A column's name and what follows. */
  private void definition(Clause clause) {
    if (!clause.at(0).isName() || DefinitionRules.isKey(clause)) {
      return;
    }
    int depth = 0;
    for (int i = clause.from() + 1; i + 1 < clause.to(); i++) {
      depth += rewrite.token(i).is("(") ? 1 : rewrite.token(i).is(")") ? -1 : 0;
      if (depth == 0 && rewrite.token(i).is("default")) {
        defaultValue(clause, i + 1);
      }
    }
  }

  private void defaultValue(Clause clause, int first) {
    boolean typed =
        rewrite.token(first).is("timestamp")
            && rewrite.token(first + 1).kind() == SqlToken.Kind.STRING;
    SqlToken last = rewrite.token(typed ? first + 1 : first);
    boolean literal =
        last.kind() == SqlToken.Kind.STRING || last.kind() == SqlToken.Kind.NUMBER || last.is("(");
    if (!literal || !mayBeTimestamp(clause)) {
      return;
    }
    String told = column(clause.at(0)).map(TimeLiterals::instant).orElse("");
    if (told.isEmpty() || last.is("(")) {
      unknown = true;
    } else if (!told.startsWith("0000-00-00")) {
      exact.add(new Instead(rewrite.token(first).start(), last.end(), "'" + told + "'"));
    }
  }

  /** By the structure, or without one by the text: {@code SET DEFAULT} does not name a type. */
  private boolean mayBeTimestamp(Clause clause) {
    return column(clause.at(0))
        .map(column -> column.type().tp() == MysqlType.TIMESTAMP)
        .orElseGet(() -> clause.at(1).is("timestamp") || clause.at(1).is("set"));
  }

  private Optional<ColumnInfo> column(SqlToken name) {
    return structure.stream()
        .flatMap(table -> table.columns().stream())
        .filter(column -> column.name().original().equalsIgnoreCase(name.text()))
        .findFirst();
  }

  /** Empty when the structure does not have it in UTC. */
  private static String instant(ColumnInfo column) {
    String text = column.defaultValue().asText("");
    boolean inUtc = column.version() >= FIRST_VERSION_IN_UTC;
    return INSTANT.matcher(text).matches() && (inUtc || text.startsWith("0000-00-00")) ? text : "";
  }

  /** {@code PARTITION p VALUES LESS THAN (...)}. */
  private void bounds(int from, int to) {
    for (int i = from; i + 3 < to; i++) {
      boolean range = rewrite.token(i).is("less") && rewrite.token(i + 1).is("than");
      boolean list = rewrite.token(i).is("values") && rewrite.token(i + 1).is("in");
      if (!(range || list) || !rewrite.token(i + 2).is("(")) {
        continue;
      }
      int end = Clause.behindParenthesis(rewrite.tokens, i + 2, to);
      if (new Clause(rewrite.tokens, i + 3, end).has("unix_timestamp")) {
        bound(range ? rewrite.token(i - 2) : rewrite.token(i - 1), i + 2, end);
      }
    }
  }

  private void bound(SqlToken partition, int open, int end) {
    List<String> told =
        structure.stream()
            .flatMap(table -> table.partition().definitions().stream())
            .filter(one -> one.name().original().equalsIgnoreCase(partition.text()))
            .findFirst()
            .map(PartitionInfo.Definition::lessThan)
            .orElse(List.of());
    if (told.size() == 1 && NUMBER.matcher(told.get(0)).matches()) {
      int start = rewrite.token(open).start();
      exact.add(new Instead(start, rewrite.token(end - 1).end(), "(" + told.get(0) + ")"));
    } else {
      unknown = true;
    }
  }
}
