package org.tidbbinlog.sinks.mysql.ddl;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.ddl.Footprint.Trace;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.Dialect;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetFault;

/** Reads the {@link Footprint} of a statement's tables from the target. */
final class FootprintReader {
  /** Moves by itself, and goes back when the server restarts. */
  private static final Pattern COUNTER = Pattern.compile(" AUTO_INCREMENT=\\d+");

  private static final int HASH_BYTES = 8;

  private final Dialect dialect;

  FootprintReader(Dialect dialect) {
    this.dialect = dialect;
  }

  Footprint read(SqlSession session, DdlPlan plan, SinkItem.Ddl item) throws SQLException {
    Map<String, Trace> byTable = new TreeMap<>();
    // The definition is spelled by the session's mode, which another start may have changed.
    session.execute("set @tidb_binlog_mode=@@session.sql_mode, session sql_mode=''");
    for (TableRef table : plan.head().tables()) {
      add(session, byTable, table.schemaOr(item.schema()), table.table());
    }
    for (TableRef other : Exchange.of(plan.sql()).stream().toList()) {
      add(session, byTable, other.schemaOr(item.schema()), other.table());
    }
    session.execute("set session sql_mode=@tidb_binlog_mode");
    return new Footprint(byTable);
  }

  private void add(SqlSession session, Map<String, Trace> byTable, String schema, String table)
      throws SQLException {
    List<String> names = DdlNames.candidates(session, schema, table);
    String name = names.contains(table) || names.size() != 1 ? table : names.get(0);
    byTable.put(
        Footprint.key(schema, table),
        names.contains(name)
            ? new Trace(ids(session, schema, name), structure(session, schema, name))
            : Trace.ABSENT);
  }

  private static String structure(SqlSession session, String schema, String table)
      throws SQLException {
    try {
      String text = session.query("show create table " + SqlText.name(schema, table)).get(0).get(1);
      boolean isTable = text.startsWith("CREATE TABLE");
      String unnamed = isTable ? text.substring(Math.max(0, text.indexOf('('))) : text;
      return hash(COUNTER.matcher(unnamed).replaceAll(""));
    } catch (SQLException e) {
      return untold(e);
    }
  }

  private String ids(SqlSession session, String schema, String table) throws SQLException {
    String path = encoded(schema) + "/" + encoded(table);
    String query =
        switch (dialect.family()) {
          case MARIADB -> innodb("innodb_sys_tables", path);
          case MYSQL -> innodb("innodb_tables", path);
          case TIDB ->
              "select tidb_table_id from information_schema.tables where table_schema="
                  + SqlText.string(schema)
                  + " and table_name="
                  + SqlText.string(table);
        };
    try {
      List<List<String>> rows = session.query(query);
      return rows.isEmpty()
          ? Trace.UNTOLD
          : rows.stream().map(row -> row.get(0)).collect(Collectors.joining(","));
    } catch (SQLException e) {
      return untold(e);
    }
  }

  /** The table itself, or its partitions. */
  private static String innodb(String view, String path) {
    String partitions = path + "#P#";
    return "select table_id from information_schema."
        + view
        + " where name="
        + SqlText.string(path)
        + " or left(name,"
        + partitions.length()
        + ")="
        + SqlText.string(partitions)
        + " order by name";
  }

  /** A right that is missing here is no reason to stop; a lost connection is. */
  private static String untold(SQLException error) throws SQLException {
    if (TargetFault.of(error) == TargetFault.CONNECTION) {
      throw error;
    }
    return Trace.UNTOLD;
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** As InnoDB spells names: what is no letter, digit or underscore as its code. */
  private static String encoded(String name) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean plain = c < 128 && (Character.isLetterOrDigit(c) || c == '_');
      out.append(plain ? String.valueOf(c) : String.format("@%04x", (int) c));
    }
    return out.toString();
  }
}
