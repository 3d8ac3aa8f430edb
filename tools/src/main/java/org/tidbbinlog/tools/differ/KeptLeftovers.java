package org.tidbbinlog.tools.differ;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Dropped tables of one run that the target still keeps when the run is over. */
final class KeptLeftovers {
  private static final String SCHEMA = "tidb_binlog_dropped";

  private final Connection connection;
  private final String ledgerSchema;
  private final String prefix;
  private final long cluster;

  KeptLeftovers(Connection connection, String ledgerSchema, long cluster) {
    this.connection = connection;
    this.ledgerSchema = ledgerSchema;
    this.cluster = cluster;
    this.prefix = "k_" + Long.toUnsignedString(cluster) + "_";
  }

  /** The register and the tables must say the same. */
  List<String> contradictions() throws SQLException {
    Set<String> tables = tables();
    Set<String> registered = registered(tables);
    List<String> contradictions = new ArrayList<>();
    for (String table : tables) {
      if (!registered.contains(table)) {
        contradictions.add(table + " is kept and not in the register");
      }
    }
    registered.removeAll(tables);
    registered.forEach(name -> contradictions.add(name + " is in the register and not kept"));
    return contradictions;
  }

  private Set<String> registered(Set<String> tables) throws SQLException {
    String there =
        "select table_name from information_schema.tables where table_name='drainer_dropped' and"
            + " table_schema='%s'".formatted(ledgerSchema);
    if (tables.isEmpty() && names(there).isEmpty()) {
      return new TreeSet<>();
    }
    // A row without a table's name is a database's own, and stays for a while when it is back.
    return names(
        "select keptName from %s.drainer_dropped where tableName<>'' and clusterID=%s"
            .formatted(ledgerSchema, Long.toUnsignedString(cluster)));
  }

  void drop() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String table : tables()) {
        statement.execute("drop table " + SCHEMA + ".`" + table + "`");
      }
    }
  }

  private Set<String> tables() throws SQLException {
    String there =
        "select schema_name from information_schema.schemata where schema_name='%s'"
            .formatted(SCHEMA);
    // Not from information_schema: TiDB 6.6 may go on listing a table there that is gone.
    Set<String> tables =
        names(there).isEmpty() ? new TreeSet<>() : names("show tables from " + SCHEMA);
    tables.removeIf(name -> !name.startsWith(prefix));
    return tables;
  }

  private Set<String> names(String query) throws SQLException {
    Set<String> names = new TreeSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }
}
