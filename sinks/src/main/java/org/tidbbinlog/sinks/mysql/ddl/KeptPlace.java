package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import java.util.List;
import org.tidbbinlog.sinks.mysql.ddl.ForeignKeys.Place;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector.NameCase;

/**
 * The database that kept tables lie in, and whether a table is there or anywhere. Used by one
 * thread at a time.
 */
final class KeptPlace {
  static final String SCHEMA = "tidb_binlog_dropped";

  private final KeptRegisterTable register;
  private final NameCase nameCase;
  private boolean prepared;

  KeptPlace(KeptRegisterTable register, NameCase nameCase) {
    this.register = register;
    this.nameCase = nameCase;
  }

  /** Makes the database and the register where they are missing. */
  void prepare(SqlSession session, KeptRegisterTable.Run run)
      throws SQLException, InterruptedException {
    if (prepared) {
      return;
    }
    run.run("create database if not exists " + SqlText.name(SCHEMA));
    register.prepare(session, run);
    prepared = true;
  }

  static Place of(String kept) {
    return new Place(SCHEMA, kept);
  }

  /** Information schemas may take {@code e} and {@code é} for one: the answer is looked at. */
  boolean isTable(SqlSession session, Place place) throws SQLException {
    return session
        .query(
            "select table_name from information_schema.tables where table_type='BASE TABLE' and"
                + " table_schema="
                + SqlText.string(place.schema())
                + " and table_name="
                + SqlText.string(place.table()))
        .stream()
        .anyMatch(row -> isSame(row.get(0), place.table()));
  }

  boolean isDatabase(SqlSession session, String schema) throws SQLException {
    return session
        .query(
            "select schema_name from information_schema.schemata where schema_name="
                + SqlText.string(schema))
        .stream()
        .anyMatch(row -> isSame(row.get(0), schema));
  }

  /** TiDB 6.6 may go on listing a table in information_schema that is gone. */
  static List<String> tables(SqlSession session, String schema) throws SQLException {
    return session
        .query("show full tables from " + SqlText.name(schema) + " where table_type='BASE TABLE'")
        .stream()
        .map(row -> row.get(0))
        .toList();
  }

  boolean isSame(Place one, Place other) {
    return isSame(one.schema(), other.schema()) && isSame(one.table(), other.table());
  }

  private boolean isSame(String one, String other) {
    return nameCase == NameCase.SENSITIVE ? one.equals(other) : one.equalsIgnoreCase(other);
  }
}
