package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.SqlSession;

/**
 * Foreign keys of tables that are moved aside: {@code CREATE TABLE LIKE} copies none, and where
 * their names are unique in a database a kept table must not hold one that a living table needs.
 * Sessions are without foreign_key_checks, so nothing here reads rows. Used by the thread that runs
 * DDL.
 */
final class ForeignKeys {
  private static final Logger LOG = LoggerFactory.getLogger(ForeignKeys.class);
  private static final String SET_ASIDE = "_fk";

  private final Names names;
  private final UnaryOperator<String> marked;

  /** Within what a foreign key's name is unique. */
  enum Names {
    /** MySQL, MariaDB. */
    OF_A_DATABASE,
    /** TiDB. */
    OF_A_TABLE
  }

  /** A table, as the target spells it. */
  record Place(String schema, String table) {
    String quoted() {
      return SqlText.name(schema, table);
    }
  }

  /** Where a foreign key of a copy should lead instead. */
  interface Reference {
    Place of(Place referenced) throws SQLException;
  }

  private record ForeignKey(
      String name,
      List<String> columns,
      Place referenced,
      List<String> referencedColumns,
      String onUpdate,
      String onDelete) {
    ForeignKey {
      columns = List.copyOf(columns);
      referencedColumns = List.copyOf(referencedColumns);
    }

    String definition(String as, Place to) {
      return "constraint "
          + SqlText.name(as)
          + " foreign key ("
          + list(columns)
          + ") references "
          + to.quoted()
          + " ("
          + list(referencedColumns)
          + ")"
          + rule(" on update ", onUpdate)
          + rule(" on delete ", onDelete);
    }

    /** RESTRICT is what counts without a word; said aloud, MariaDB shows it as NO ACTION. */
    private static String rule(String event, String rule) {
      return rule.equalsIgnoreCase("RESTRICT") ? "" : event + rule;
    }

    private static String list(List<String> columns) {
      return columns.stream().map(SqlText::name).collect(Collectors.joining(","));
    }
  }

  /**
   * @param marked puts the mark against loops to a DDL
   */
  ForeignKeys(Names names, UnaryOperator<String> marked) {
    this.names = names;
    this.marked = marked;
  }

  /**
   * Gives the foreign keys of a table to an empty one, names as they are.
   *
   * @param copy tables of its database that hold such a name give way
   */
  void copy(SqlSession session, Place from, Place copy, Reference reference) throws SQLException {
    for (ForeignKey key : of(session, from)) {
      giveWay(session, copy.schema(), key.name);
      Place to = reference.of(key.referenced);
      run(session, copy, "add " + key.definition(key.name, to));
    }
  }

  /** Takes the names of a table's foreign keys out of the way of its copy's. */
  void setAside(SqlSession session, Place table, String kept) throws SQLException {
    if (names == Names.OF_A_DATABASE) {
      rename(session, table, kept, key -> !isSetAside(key, kept));
    }
  }

  /** Whether {@link #setAside} was done in an earlier life: the copy has the names. */
  boolean areSetAside(SqlSession session, Place table, String kept) throws SQLException {
    return of(session, table).stream().anyMatch(key -> isSetAside(key, kept));
  }

  /** Before a move to a database where other tables hold some of the names. */
  void makeFit(SqlSession session, Place table, String kept, String schema) throws SQLException {
    if (names == Names.OF_A_TABLE) {
      return;
    }
    List<String> taken = new ArrayList<>();
    for (ForeignKey key : of(session, table)) {
      if (!holders(session, schema, key.name).isEmpty()) {
        taken.add(key.name);
      }
    }
    tellRenamed(table, taken);
    rename(session, table, kept, key -> taken.contains(key.name));
  }

  private void giveWay(SqlSession session, String schema, String name) throws SQLException {
    if (names == Names.OF_A_TABLE) {
      return;
    }
    for (String holder : holders(session, schema, name)) {
      Place table = new Place(schema, holder);
      tellRenamed(table, List.of(name));
      rename(session, table, holder, key -> key.name.equalsIgnoreCase(name));
    }
  }

  private static void tellRenamed(Place table, List<String> keys) {
    if (!keys.isEmpty()) {
      LOG.atWarn()
          .addKeyValue("table", table.schema() + "." + table.table())
          .addKeyValue("foreign-keys", keys)
          .log("foreign keys of a dropped table renamed, another table has their names");
    }
  }

  private static boolean isSetAside(ForeignKey key, String kept) {
    return key.name.startsWith(kept + SET_ASIDE);
  }

  /** In one statement: never without them. */
  private void rename(SqlSession session, Place table, String kept, Predicate<ForeignKey> which)
      throws SQLException {
    List<ForeignKey> all = of(session, table);
    List<String> changes = new ArrayList<>();
    int number = 0;
    for (ForeignKey key : all) {
      if (which.test(key)) {
        String name;
        do {
          name = kept + SET_ASIDE + ++number;
        } while (has(all, name));
        changes.add("drop foreign key " + SqlText.name(key.name));
        changes.add("add " + key.definition(name, key.referenced));
      }
    }
    if (!changes.isEmpty()) {
      run(session, table, String.join(", ", changes));
    }
  }

  private static boolean has(List<ForeignKey> keys, String name) {
    return keys.stream().anyMatch(key -> key.name.equalsIgnoreCase(name));
  }

  private void run(SqlSession session, Place table, String change) throws SQLException {
    String alter = "alter table " + table.quoted() + " " + change;
    session.execute(marked.apply(alter));
  }

  private static List<String> holders(SqlSession session, String schema, String name)
      throws SQLException {
    return session
        .query(
            "select table_name from information_schema.referential_constraints where"
                + " constraint_schema="
                + SqlText.string(schema)
                + " and constraint_name="
                + SqlText.string(name))
        .stream()
        .map(row -> row.get(0))
        .toList();
  }

  private static List<ForeignKey> of(SqlSession session, Place table) throws SQLException {
    List<List<String>> rows =
        session.query(
            "select k.constraint_name, k.column_name, k.referenced_table_schema,"
                + " k.referenced_table_name, k.referenced_column_name, r.update_rule,"
                + " r.delete_rule from information_schema.key_column_usage k join"
                + " information_schema.referential_constraints r on"
                + " r.constraint_schema=k.constraint_schema and"
                + " r.constraint_name=k.constraint_name and r.table_name=k.table_name where"
                + " k.referenced_table_name is not null and k.table_schema="
                + SqlText.string(table.schema())
                + " and k.table_name="
                + SqlText.string(table.table())
                + " order by k.constraint_name, k.ordinal_position");
    Map<String, List<List<String>>> byName =
        rows.stream()
            .collect(
                Collectors.groupingBy(
                    row -> row.get(0), LinkedHashMap::new, Collectors.toUnmodifiableList()));
    return byName.values().stream().map(ForeignKeys::key).toList();
  }

  /**
   * @param columns one row a column, in order
   */
  private static ForeignKey key(List<List<String>> columns) {
    List<String> any = columns.get(0);
    return new ForeignKey(
        any.get(0),
        columns.stream().map(row -> row.get(1)).toList(),
        new Place(any.get(2), any.get(3)),
        columns.stream().map(row -> row.get(4)).toList(),
        any.get(5),
        any.get(6));
  }
}
