package org.tidbbinlog.sinks.mysql.ddl;

import java.util.ArrayList;
import java.util.List;

/**
 * What a statement does and to which tables, from its first words.
 *
 * @param bodyToken index of the first token behind the head
 */
record DdlHead(Kind kind, Scope scope, List<TableRef> tables, int bodyToken) {
  DdlHead {
    tables = List.copyOf(tables);
  }

  /** Statements told apart. */
  enum Kind {
    CREATE_DATABASE,
    ALTER_DATABASE,
    DROP_DATABASE,
    CREATE_TABLE,
    CREATE_TABLE_LIKE,
    ALTER_TABLE,
    DROP_TABLE,
    RENAME_TABLE,
    TRUNCATE_TABLE,
    CREATE_INDEX,
    DROP_INDEX,
    CREATE_VIEW,
    DROP_VIEW,
    CREATE_SEQUENCE,
    ALTER_SEQUENCE,
    DROP_SEQUENCE,
    /** RECOVER and FLASHBACK: bring back rows that no binlog carries. */
    RESURRECT,
    /** Statements that mean nothing to other servers: policies, resource groups, locks. */
    TIDB_ONLY,
    OTHER
  }

  /** Whether the table's rows are those of a session; such rows never come with a binlog. */
  enum Scope {
    SHARED,
    /** The table itself is a session's. */
    TEMPORARY,
    /** Every session sees the table, each with rows of its own. */
    GLOBAL_TEMPORARY
  }

  /** Databases are made and dropped without being used. */
  boolean isDatabase() {
    return kind == Kind.CREATE_DATABASE || kind == Kind.DROP_DATABASE;
  }

  /** The one that a statement makes or drops. */
  static String database(List<SqlToken> tokens) {
    return tokens.get(Math.min(of(tokens).bodyToken, tokens.size()) - 1).text();
  }

  static DdlHead of(List<SqlToken> tokens) {
    return new Reader(tokens).read();
  }

  /** Reads from the left; what it does not know is {@link Kind#OTHER}. */
  private static final class Reader {
    private final List<SqlToken> tokens;
    private final List<TableRef> tables = new ArrayList<>();
    private Scope scope = Scope.SHARED;
    private int at;

    Reader(List<SqlToken> tokens) {
      this.tokens = tokens;
    }

    DdlHead read() {
      return new DdlHead(kind(), scope, tables, at);
    }

    private Kind kind() {
      if (take("create")) {
        return create();
      }
      if (take("alter")) {
        return alter();
      }
      if (take("drop")) {
        return drop();
      }
      if (take("rename")) {
        return rename();
      }
      if (take("truncate")) {
        take("table");
        table(TableRef.Existence.EXISTS);
        return Kind.TRUNCATE_TABLE;
      }
      if (peek("recover") || peek("flashback")) {
        return Kind.RESURRECT;
      }
      return peek("lock") || peek("unlock") || peek("admin") || peek("split")
          ? Kind.TIDB_ONLY
          : Kind.OTHER;
    }

    private Kind create() {
      if (take("database") || take("schema")) {
        ifExists();
        at++;
        return Kind.CREATE_DATABASE;
      }
      skipUntil("table", "view", "index", "sequence", "policy", "group");
      if (take("table")) {
        ifExists();
        table(TableRef.Existence.NEW);
        return like() ? Kind.CREATE_TABLE_LIKE : Kind.CREATE_TABLE;
      }
      if (take("view")) {
        table(TableRef.Existence.NEW);
        return Kind.CREATE_VIEW;
      }
      if (take("sequence")) {
        ifExists();
        table(TableRef.Existence.NEW);
        return Kind.CREATE_SEQUENCE;
      }
      if (take("index")) {
        skipUntil("on");
        take("on");
        table(TableRef.Existence.EXISTS);
        return Kind.CREATE_INDEX;
      }
      return peek("policy") || peek("group") ? Kind.TIDB_ONLY : Kind.OTHER;
    }

    private boolean like() {
      int saved = at;
      boolean parenthesis = take("(");
      if (take("like")) {
        table(TableRef.Existence.EXISTS);
        return true;
      }
      at = parenthesis ? saved : at;
      return false;
    }

    private Kind alter() {
      if (take("database") || take("schema")) {
        return Kind.ALTER_DATABASE;
      }
      take("ignore");
      if (take("table")) {
        ifExists();
        table(TableRef.Existence.EXISTS);
        return Kind.ALTER_TABLE;
      }
      if (take("sequence")) {
        ifExists();
        table(TableRef.Existence.EXISTS);
        return Kind.ALTER_SEQUENCE;
      }
      return peek("placement") || peek("resource") ? Kind.TIDB_ONLY : Kind.OTHER;
    }

    private Kind drop() {
      if (take("database") || take("schema")) {
        ifExists();
        at++;
        return Kind.DROP_DATABASE;
      }
      scope = temporaryScope(at);
      take("global");
      take("temporary");
      if (take("index")) {
        skipUntil("on");
        take("on");
        table(TableRef.Existence.EXISTS);
        return Kind.DROP_INDEX;
      }
      Kind kind =
          take("table") || take("tables")
              ? Kind.DROP_TABLE
              : take("view")
                  ? Kind.DROP_VIEW
                  : take("sequence")
                      ? Kind.DROP_SEQUENCE
                      : peek("placement") || peek("resource") ? Kind.TIDB_ONLY : Kind.OTHER;
      if (kind != Kind.OTHER && kind != Kind.TIDB_ONLY) {
        ifExists();
        do {
          table(TableRef.Existence.EXISTS);
        } while (take(","));
      }
      return kind;
    }

    private Kind rename() {
      if (!take("table") && !take("tables")) {
        return Kind.OTHER;
      }
      do {
        table(TableRef.Existence.EXISTS);
        take("to");
        table(TableRef.Existence.NEW);
      } while (take(","));
      return Kind.RENAME_TABLE;
    }

    private void ifExists() {
      if (take("if")) {
        take("not");
        take("exists");
      }
    }

    private void table(TableRef.Existence existence) {
      SqlToken first = current();
      if (!first.isName()) {
        return;
      }
      at++;
      boolean qualified = peek(".") && tokens.get(at + 1).isName();
      SqlToken own = first;
      if (qualified) {
        own = tokens.get(at + 1);
        at += 2;
      }
      tables.add(
          new TableRef(
              qualified ? first.text() : "", own.text(), existence, own.start(), own.end()));
    }

    private void skipUntil(String... words) {
      int from = at;
      while (current().kind() != SqlToken.Kind.END) {
        for (String word : words) {
          if (peek(word)) {
            scope = temporaryScope(from);
            return;
          }
        }
        at++;
      }
    }

    private Scope temporaryScope(int from) {
      if (tokens.get(from).is("global") && tokens.get(from + 1).is("temporary")) {
        return Scope.GLOBAL_TEMPORARY;
      }
      return tokens.get(from).is("temporary") ? Scope.TEMPORARY : Scope.SHARED;
    }

    private boolean take(String word) {
      if (peek(word)) {
        at++;
        return true;
      }
      return false;
    }

    private boolean peek(String word) {
      return current().is(word);
    }

    private SqlToken current() {
      return tokens.get(Math.min(at, tokens.size() - 1));
    }
  }
}
