package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetIndex;
import org.tidbbinlog.sinks.mysql.target.UniqueKey;

/**
 * An index, as a statement wants it or as the target has it.
 *
 * @param name in lower case; empty where the statement leaves it to the server
 */
record IndexShape(String name, Kind kind, List<Part> parts) {
  static final String PRIMARY = "primary";
  private static final int WHOLE = -1;

  IndexShape {
    parts = List.copyOf(parts);
  }

  enum Kind {
    PLAIN,
    UNIQUE,
    FULLTEXT,
    SPATIAL
  }

  /**
   * @param column in lower case; empty for an expression
   * @param prefix characters that count, or -1 for all
   * @param columnLength characters of the column where the target tells, else -1
   */
  record Part(String column, int prefix, int columnLength) {
    /** A prefix as long as the column is none. */
    private int counted() {
      return prefix == columnLength ? WHOLE : prefix;
    }
  }

  /** Whether what the target has is what the statement wants. */
  boolean isMetBy(IndexShape there) {
    boolean sameName = name.isEmpty() || name.equals(there.name);
    if (!sameName || kind != there.kind || parts.size() != there.parts.size()) {
      return false;
    }
    for (int i = 0; i < parts.size(); i++) {
      Part wanted = parts.get(i);
      Part has = there.parts.get(i);
      int length = has.columnLength();
      boolean samePrefix =
          new Part("", wanted.prefix(), length).counted()
              == new Part("", has.prefix(), length).counted();
      if (!wanted.column().equals(has.column()) || !samePrefix) {
        return false;
      }
    }
    return true;
  }

  /** {@code [CONSTRAINT x] PRIMARY KEY|UNIQUE|INDEX|KEY|FULLTEXT|SPATIAL [name] (parts)}. */
  static IndexShape ofDefinition(Clause clause) {
    int at = 0;
    String name = "";
    if (clause.at(0).is("constraint")) {
      boolean named = !DefinitionRules.isKeyWord(clause.at(1));
      name = named ? lower(clause.at(1)) : "";
      at = named ? 2 : 1;
    }
    boolean primary = clause.at(at).is("primary");
    Kind kind = primary ? Kind.UNIQUE : kind(clause.at(at));
    at += kind == Kind.PLAIN ? 0 : 1;
    at += clause.at(at).is("index") || clause.at(at).is("key") ? 1 : 0;
    at += clause.at(at).is("if") ? 3 : 0;
    if (clause.at(at).isName() && !clause.at(at).is("using")) {
      name = lower(clause.at(at));
    }
    return new IndexShape(primary ? PRIMARY : name, kind, parts(clause, at));
  }

  /** {@code CREATE [UNIQUE] INDEX [IF NOT EXISTS] name [USING x] ON table (parts)}. */
  static IndexShape ofCreateIndex(Clause statement) {
    int at = 1;
    Kind kind = Kind.PLAIN;
    while (!statement.at(at).is("index") && statement.from() + at < statement.to()) {
      kind = kind == Kind.PLAIN ? kind(statement.at(at)) : kind;
      at++;
    }
    at++;
    at += statement.at(at).is("if") ? 3 : 0;
    return new IndexShape(lower(statement.at(at)), kind, parts(statement, at));
  }

  private static Kind kind(SqlToken word) {
    return word.is("unique")
        ? Kind.UNIQUE
        : word.is("fulltext") ? Kind.FULLTEXT : word.is("spatial") ? Kind.SPATIAL : Kind.PLAIN;
  }

  private static List<Part> parts(Clause clause, int from) {
    int open = clause.from() + from;
    while (open < clause.to() && !clause.tokens().get(open).is("(")) {
      open++;
    }
    int behind = Clause.behindParenthesis(clause.tokens(), open, clause.to());
    List<Part> parts = new ArrayList<>();
    for (Clause part : Clause.split(clause.tokens(), open + 1, behind - 1)) {
      boolean prefixed = part.at(1).is("(") && part.at(2).kind() == SqlToken.Kind.NUMBER;
      parts.add(
          new Part(
              part.at(0).is("(") ? "" : lower(part.at(0)),
              prefixed ? Integer.parseInt(part.at(2).text()) : WHOLE,
              WHOLE));
    }
    return parts;
  }

  private static String lower(SqlToken token) {
    return token.text().toLowerCase(Locale.ROOT);
  }

  /** The indexes the target's table has. */
  static List<IndexShape> read(SqlSession session, String schema, String table)
      throws SQLException {
    String where =
        " where table_schema="
            + SqlText.string(schema)
            + " and table_name="
            + SqlText.string(table);
    Map<String, Integer> lengths = new HashMap<>();
    for (List<String> row :
        session.query(
            "select lower(column_name), character_maximum_length from information_schema.columns"
                + where)) {
      lengths.put(row.get(0), number(row.get(1)));
    }
    List<IndexShape> all = new ArrayList<>();
    for (TargetIndex index : TargetIndex.read(schema, table, session::query).orElse(List.of())) {
      List<Part> parts = new ArrayList<>();
      for (UniqueKey.Part part : index.parts()) {
        String column = part.column().toLowerCase(Locale.ROOT);
        parts.add(new Part(column, part.prefix(), lengths.getOrDefault(column, WHOLE)));
      }
      all.add(new IndexShape(index.name().toLowerCase(Locale.ROOT), kindAtTarget(index), parts));
    }
    return all;
  }

  private static Kind kindAtTarget(TargetIndex index) {
    return switch (index.type()) {
      case "FULLTEXT" -> Kind.FULLTEXT;
      case "SPATIAL" -> Kind.SPATIAL;
      default -> index.rule() == TargetIndex.Rule.UNIQUE ? Kind.UNIQUE : Kind.PLAIN;
    };
  }

  private static int number(String text) {
    return text.isEmpty() || text.length() > 9 ? WHOLE : Integer.parseInt(text);
  }
}
