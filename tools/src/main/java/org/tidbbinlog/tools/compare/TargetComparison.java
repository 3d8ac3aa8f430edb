package org.tidbbinlog.tools.compare;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.tidbbinlog.tools.compare.TargetTable.TargetColumn;

/**
 * Compares a target with the truth: which tables there are (both ways), and the rows of each as a
 * multiset of typed values. Floats compare by value, decimals by value and scale, JSON by
 * structure, binary values by bytes; generated columns count like the others. Names compare without
 * case.
 */
public final class TargetComparison {
  /** Which of the target's tables must be known to the truth. */
  public enum Scope {
    /** Every table; for targets that hold nothing else. */
    WHOLE_TARGET,
    /** Those in databases that the truth names. */
    NAMED_DATABASES
  }

  private static final int FETCH_ROWS = 1000;

  private final Connection connection;
  private final Scope scope;

  public TargetComparison(Connection connection, Scope scope) {
    this.connection = connection;
    this.scope = scope;
  }

  /** Reads every table of the truth from the target; nothing is written. */
  public ComparisonReport compare(List<TruthTable> truth) throws SQLException {
    try (Statement session = connection.createStatement()) {
      session.execute("SET time_zone = '+00:00', sql_mode = ''");
    }
    ComparisonReport.Collector differences = new ComparisonReport.Collector();
    List<TargetTable> targets = new TargetSchema(connection).tables();
    Set<String> known = new HashSet<>();
    long rows = 0;
    for (TruthTable table : truth) {
      rows += table.rows().size();
      Optional<TargetTable> target = find(targets, table);
      if (target.isEmpty()) {
        differences.add(table.name() + ": table is missing (" + table.rows().size() + " rows)");
      } else {
        known.add(target.get().name());
        compare(table, target.get(), differences);
      }
    }
    Set<String> databases = new HashSet<>();
    truth.forEach(table -> databases.add(lower(table.schema())));
    for (TargetTable target : targets) {
      boolean mustBeKnown =
          scope == Scope.WHOLE_TARGET || databases.contains(lower(target.schema()));
      if (mustBeKnown && !known.contains(target.name())) {
        differences.add(target.name() + ": table should not be there");
      }
    }
    return differences.report(truth.size(), rows);
  }

  private static Optional<TargetTable> find(List<TargetTable> targets, TruthTable truth) {
    Optional<TargetTable> exact =
        targets.stream().filter(target -> target.name().equals(truth.name())).findFirst();
    return exact.isPresent()
        ? exact
        : targets.stream().filter(t -> t.name().equalsIgnoreCase(truth.name())).findFirst();
  }

  private void compare(TruthTable truth, TargetTable target, ComparisonReport.Collector differences)
      throws SQLException {
    List<TargetColumn> columns = new ArrayList<>();
    Set<String> extra = new TreeSet<>();
    for (TargetColumn column : target.columns()) {
      if (column.origin() == TargetTable.Origin.WRITTEN) {
        extra.add(lower(column.name()));
      }
    }
    boolean same = true;
    for (String name : truth.columns()) {
      Optional<TargetColumn> column = target.column(name);
      extra.remove(lower(name));
      if (column.isEmpty()) {
        differences.add(truth.name() + ": column " + name + " is missing");
        same = false;
      } else {
        columns.add(column.get());
      }
    }
    for (String name : extra) {
      differences.add(truth.name() + ": column " + name + " should not be there");
    }
    if (same) {
      RowMatching matching =
          new RowMatching(truth, columns, target.keyPositions(truth.columns()), differences);
      try (Statement statement = connection.createStatement()) {
        statement.setFetchSize(FETCH_ROWS);
        try (ResultSet rows = statement.executeQuery(target.select(columns))) {
          while (rows.next()) {
            matching.found(values(rows, columns.size()));
          }
        }
      }
      matching.finish();
    }
  }

  private static List<Optional<String>> values(ResultSet row, int columns) throws SQLException {
    List<Optional<String>> values = new ArrayList<>(columns);
    for (int i = 1; i <= columns; i++) {
      values.add(Optional.ofNullable(row.getString(i)));
    }
    return values;
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
