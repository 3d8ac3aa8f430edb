package org.tidbbinlog.sinks.mysql.ddl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.codec.json.JsonText;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.SqlSession;

/**
 * Foreign keys of tables that are moved aside: {@code CREATE TABLE LIKE} copies none, and where
 * their names are unique in a database two kept tables cannot hold one name, nor a table that comes
 * back and another one there: it is always the table that was dropped earlier which gives it up.
 * Sessions are without foreign_key_checks, so nothing here reads rows. Used by the thread that runs
 * DDL.
 */
final class ForeignKeys {
  private static final Logger LOG = LoggerFactory.getLogger(ForeignKeys.class);
  private static final String RENAMED = "_fk";

  private final Names names;

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

  /** As the target has it. */
  record ForeignKey(
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

  ForeignKeys(Names names) {
    this.names = names;
  }

  /**
   * What {@link #give} gives to the table that takes this one's place: a JSON object, the
   * definition of each by its name. Empty when there are none.
   */
  static String note(List<ForeignKey> keys, Reference reference) throws SQLException {
    ObjectNode note = JsonText.newObject();
    for (ForeignKey key : keys) {
      note.put(key.name, key.definition(key.name, reference.of(key.referenced)));
    }
    return keys.isEmpty() ? "" : new String(JsonText.write(note), StandardCharsets.UTF_8);
  }

  /** Those of a note that the table does not have yet. */
  static void give(MovingSession session, Place table, String note)
      throws SQLException, InterruptedException {
    List<ForeignKey> there = of(session.sql(), table);
    JsonNode noted =
        JsonText.parseObject(note.getBytes(StandardCharsets.UTF_8), "foreign keys of a kept table");
    for (Map.Entry<String, JsonNode> key : noted.properties()) {
      if (!has(there, key.getKey())) {
        session.run("alter table " + table.quoted() + " add " + key.getValue().asText());
      }
    }
  }

  /** Before a table moves to the kept ones: those that hold some of its names give them up. */
  void makeWay(MovingSession session, List<ForeignKey> keys, String schema)
      throws SQLException, InterruptedException {
    Map<String, String> holders = holders(session.sql(), schema, keys);
    for (String name : new TreeSet<>(holders.values())) {
      Place holder = new Place(schema, name);
      rename(session, holder, of(session.sql(), holder), holders.keySet());
    }
  }

  /** Before a kept table moves back to where other tables hold some of its names. */
  void makeFit(MovingSession session, Place table, String schema)
      throws SQLException, InterruptedException {
    List<ForeignKey> keys = of(session.sql(), table);
    rename(session, table, keys, holders(session.sql(), schema, keys).keySet());
  }

  private static void tellRenamed(Place table, List<String> keys) {
    if (!keys.isEmpty()) {
      LOG.atWarn()
          .addKeyValue("table", table.schema() + "." + table.table())
          .addKeyValue("foreign-keys", keys)
          .log("foreign keys of a dropped table renamed, another table has their names");
    }
  }

  /** In one statement: never without them. */
  private static void rename(
      MovingSession session, Place kept, List<ForeignKey> all, Set<String> taken)
      throws SQLException, InterruptedException {
    List<String> renamed = new ArrayList<>();
    List<String> changes = new ArrayList<>();
    int number = 0;
    for (ForeignKey key : all) {
      if (taken.contains(key.name.toLowerCase(Locale.ROOT))) {
        String name;
        do {
          name = kept.table() + RENAMED + ++number;
        } while (has(all, name));
        renamed.add(key.name);
        changes.add("drop foreign key " + SqlText.name(key.name));
        changes.add("add " + key.definition(name, key.referenced));
      }
    }
    if (!changes.isEmpty()) {
      tellRenamed(kept, renamed);
      session.run("alter table " + kept.quoted() + " " + String.join(", ", changes));
    }
  }

  private static boolean has(List<ForeignKey> keys, String name) {
    return keys.stream().anyMatch(key -> key.name.equalsIgnoreCase(name));
  }

  /** Tables of a database that hold names of these, by the name in lower case. */
  private Map<String, String> holders(SqlSession session, String schema, List<ForeignKey> keys)
      throws SQLException {
    if (names == Names.OF_A_TABLE || keys.isEmpty()) {
      return Map.of();
    }
    return session
        .query(
            "select constraint_name, table_name from information_schema.referential_constraints"
                + " where constraint_schema="
                + SqlText.string(schema)
                + " and constraint_name in ("
                + keys.stream()
                    .map(key -> SqlText.string(key.name))
                    .collect(Collectors.joining(","))
                + ")")
        .stream()
        .collect(
            Collectors.toMap(
                row -> row.get(0).toLowerCase(Locale.ROOT),
                row -> row.get(1),
                (one, other) -> one,
                TreeMap::new));
  }

  /** Joined by constants: else MariaDB opens every table of the server for the second view. */
  static List<ForeignKey> of(SqlSession session, Place table) throws SQLException {
    String schema = SqlText.string(table.schema());
    String name = SqlText.string(table.table());
    List<List<String>> rows =
        session.query(
            "select k.constraint_name, k.column_name, k.referenced_table_schema,"
                + " k.referenced_table_name, k.referenced_column_name, r.update_rule,"
                + " r.delete_rule from information_schema.key_column_usage k join"
                + " information_schema.referential_constraints r on"
                + " r.constraint_name=k.constraint_name where"
                + " k.referenced_table_name is not null and k.table_schema="
                + schema
                + " and k.table_name="
                + name
                + " and r.constraint_schema="
                + schema
                + " and r.table_name="
                + name
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
