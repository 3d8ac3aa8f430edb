package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.SqlSession;

/**
 * Makes the table of {@link KeptRegister}, and makes one of an earlier release like it. Names have
 * a collation that tells all names apart, whatever the server's or the database's own is.
 */
final class KeptRegisterTable {
  private static final String NAME = "drainer_dropped";
  private static final String COLLATION = "utf8mb4_bin";
  private static final String TEXT = " character set utf8mb4 collate " + COLLATION;
  private static final int COLUMN_THERE = 1060;

  /** What earlier releases made otherwise, or not at all. */
  private static final List<Column> COLUMNS =
      List.of(
          new Column("schemaName", "varchar(64)" + TEXT + " not null"),
          new Column("tableName", "varchar(64)" + TEXT + " not null"),
          new Column("wantedTs", "bigint unsigned not null default 0"),
          new Column("foreignKeys", "mediumtext" + TEXT));

  private final String schema;

  private record Column(String name, String type) {
    String definition() {
      return name + " " + type;
    }

    boolean isText() {
      return type.contains(TEXT);
    }
  }

  /** Runs a DDL of ours. */
  interface Run {
    void run(String ddl) throws SQLException, InterruptedException;
  }

  KeptRegisterTable(String schema) {
    this.schema = schema;
  }

  String quoted() {
    return SqlText.name(schema, NAME);
  }

  void prepare(SqlSession session, Run run) throws SQLException, InterruptedException {
    run.run("create database if not exists " + SqlText.name(schema));
    run.run(
        "create table if not exists "
            + quoted()
            + " (clusterID bigint unsigned not null, keptName varchar(64) not null, "
            + COLUMNS.get(0).definition()
            + ", "
            + COLUMNS.get(1).definition()
            + ", tableID bigint not null, commitTs bigint unsigned not null,"
            + " droppedBy varchar(16) not null,"
            + " droppedAt timestamp not null default current_timestamp, "
            + COLUMNS.get(2).definition()
            + ", "
            + COLUMNS.get(3).definition()
            + ", primary key (clusterID, keptName)) default charset utf8mb4 collate "
            + COLLATION);
    for (String change : missing(session)) {
      change(run, change);
    }
  }

  /** The columns, not the table: TiDB changes no collation of what is in a primary key. */
  private List<String> missing(SqlSession session) throws SQLException {
    Map<String, String> collations =
        session
            .query(
                "select column_name, collation_name from information_schema.columns where"
                    + " table_schema="
                    + SqlText.string(schema)
                    + " and table_name="
                    + SqlText.string(NAME))
            .stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    row -> row.get(0).toLowerCase(Locale.ROOT), row -> row.get(1), (a, b) -> a));
    List<String> changes = new ArrayList<>();
    for (Column column : COLUMNS) {
      String collation = collations.get(column.name.toLowerCase(Locale.ROOT));
      if (collation == null) {
        changes.add("add column " + column.definition());
      } else if (column.isText() && !collation.equals(COLLATION)) {
        changes.add("modify column " + column.definition());
      }
    }
    return changes;
  }

  private void change(Run run, String change) throws SQLException, InterruptedException {
    try {
      run.run("alter table " + quoted() + " " + change);
    } catch (SQLException e) {
      if (e.getErrorCode() != COLUMN_THERE) {
        throw e; // Else a Drainer of another upstream was faster.
      }
    }
  }
}
