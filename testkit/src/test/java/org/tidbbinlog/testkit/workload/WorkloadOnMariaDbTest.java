package org.tidbbinlog.testkit.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.codec.value.ValueText;
import org.tidbbinlog.testkit.mariadb.MariaDb;

/** What a workload makes up is something that a MariaDB can say and hold. */
@Timeout(180)
class WorkloadOnMariaDbTest {
  private static final long SEED = 2024;

  @Test
  void statementsAndRows_areTakenByMariaDb(@TempDir Path folder) throws SQLException {
    Workload workload = new Workload(SEED, WorkloadSpec.usual().withDdlPercent(40), DdlKinds.ALL);
    Set<DdlAction> seen = EnumSet.noneOf(DdlAction.class);
    long[] last = {Tso.of(1_700_000_000_000L, 0).value()};
    Supplier<Tso> clock = () -> new Tso(last[0] += 7);
    try (MariaDb mariaDb = MariaDb.start(folder.resolve("data"));
        Connection connection = mariaDb.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("SET sql_mode='', time_zone='+00:00'");
      for (int i = 0; i < 500 || !workload.isSettled(); i++) {
        WorkloadStep step = workload.next(clock);
        if (step.kind() == WorkloadStep.Kind.DDL) {
          execute(statement, (WorkloadStep.Ddl) step);
          seen.add(((WorkloadStep.Ddl) step).job().action());
        }
      }
      assertThat(seen)
          .contains(
              DdlAction.CREATE_VIEW,
              DdlAction.DROP_VIEW,
              DdlAction.REMOVE_PARTITIONING,
              DdlAction.EXCHANGE_TABLE_PARTITION);
      int rows = 0;
      for (TruthTable table : workload.truth()) {
        insert(connection, table);
        rows += table.rows().size();
      }
      assertThat(rows).isPositive();
    }
  }

  private static void execute(Statement statement, WorkloadStep.Ddl ddl) throws SQLException {
    if (!ddl.job().isFinished()) {
      return;
    }
    String sql = ddl.prewrite().ddlQuery().utf8();
    try {
      if (!sql.startsWith("CREATE DATABASE")) {
        statement.execute("USE " + Sql.name(ddl.job().schemaName()));
      }
      statement.execute(sql);
    } catch (SQLException e) {
      throw new AssertionError("seed " + SEED + ": " + sql, e);
    }
  }

  private static void insert(Connection connection, TruthTable table) throws SQLException {
    String columns =
        table.columns().stream()
            .map(column -> Sql.name(column.name().original()))
            .collect(Collectors.joining(","));
    String marks = table.columns().stream().map(column -> "?").collect(Collectors.joining(","));
    String name = Sql.name(table.schema(), table.table());
    List<String> failures = new ArrayList<>();
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO " + name + " (" + columns + ") VALUES (" + marks + ")")) {
      for (List<ColumnValue> row : table.rows()) {
        for (int i = 0; i < row.size(); i++) {
          bind(insert, i + 1, row.get(i));
        }
        try {
          insert.execute();
        } catch (SQLException e) {
          failures.add(name + ": " + e.getMessage() + " " + texts(table.columns(), row));
        }
      }
    }
    assertThat(failures).isEmpty();
  }

  private static void bind(PreparedStatement insert, int index, ColumnValue value)
      throws SQLException {
    switch (value.kind()) {
      case NULL -> insert.setObject(index, null);
      // A year 0 in quotes would be 2000.
      case SIGNED -> insert.setLong(index, ((ColumnValue.Signed) value).value());
      case BINARY -> insert.setBytes(index, ((ColumnValue.Binary) value).bytes());
      case BIT -> insert.setBytes(index, ValueText.bytes((ColumnValue.Bits) value));
      case ENUM -> insert.setLong(index, ((ColumnValue.EnumMember) value).number());
      case SET -> insert.setLong(index, ((ColumnValue.SetMembers) value).bits());
      default -> insert.setString(index, ValueText.of(value));
    }
  }

  private static String texts(List<ColumnInfo> columns, List<ColumnValue> row) {
    StringBuilder texts = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      texts.append(columns.get(i).name()).append('=').append(ValueText.of(row.get(i))).append(' ');
    }
    return texts.toString();
  }
}
