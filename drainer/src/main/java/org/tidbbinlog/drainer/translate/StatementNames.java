package org.tidbbinlog.drainer.translate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.tidbbinlog.drainer.schema.SqlWords;

/**
 * The tables and databases that a DDL statement names, each with its place in the text.
 *
 * @param names in the order of the text
 * @param reading whether every name was found
 */
record StatementNames(List<Name> names, Reading reading) {
  StatementNames {
    names = List.copyOf(names);
  }

  /** How far the statement is understood. */
  enum Reading {
    WHOLE,
    /** It is of a kind that is not known here, or a query too involved. */
    UNSURE
  }

  /** What a name stands for. */
  enum Kind {
    TABLE,
    DATABASE,
    /** A table of a query that columns may be qualified with. */
    SOURCE,
    /** A source that has another name in the query. */
    ALIASED_SOURCE,
    /** Database and table before a column's name. */
    OWNER
  }

  /**
   * One name.
   *
   * @param schema empty when it is not qualified; the name itself of a database
   * @param start offset of its first character, the qualifier's where there is one
   * @param end offset behind its last
   */
  record Name(Kind kind, String schema, String table, int start, int end) {}

  static StatementNames of(String sql) {
    Reader reader = new Reader(SqlWords.of(sql));
    reader.statements();
    return new StatementNames(reader.names, reader.reading);
  }

  /** Reads from the left. */
  private static final class Reader {
    private static final Set<String> DATABASE_OPTIONS =
        Set.of("default", "character", "charset", "collate", "encryption", "placement", "set");
    private static final Set<String> RENAMES_INSIDE = Set.of("index", "key", "column");

    private final NameCursor at;
    private final List<Name> names = new ArrayList<>();
    private Reading reading = Reading.WHOLE;

    Reader(List<SqlWords.Word> words) {
      this.at = new NameCursor(words);
    }

    void statements() {
      while (!at.isAtEnd()) {
        if (!at.take(";")) {
          statement();
          while (!at.isAtEnd() && !at.peek(";")) {
            at.skip();
          }
        }
      }
    }

    private void statement() {
      String verb = at.word().text().toLowerCase(Locale.ROOT);
      at.skip();
      switch (verb) {
        case "create" -> create();
        case "alter" -> alter();
        case "drop" -> drop();
        case "rename" -> rename();
        case "truncate" -> {
          at.take("table");
          table();
        }
        case "recover" -> recover();
        case "flashback" -> flashback();
        case "lock", "unlock", "admin", "split" -> toTheEnd();
        default -> unsure();
      }
    }

    private void create() {
      if (at.takeAny("database", "schema")) {
        ifExists();
        database();
        return;
      }
      at.skipUntil("table", "view", "index", "sequence", "policy", "group");
      if (at.take("table")) {
        ifExists();
        table();
        boolean bracket = at.take("(");
        if (at.take("like")) {
          table();
        } else {
          inDefinitions(bracket);
        }
      } else if (at.take("view")) {
        ifExists();
        table();
        at.skipUntil("as");
        at.skip();
        view();
      } else if (at.take("index")) {
        onTable();
      } else if (at.take("sequence")) {
        ifExists();
        table();
      } else if (at.takeAny("policy", "group")) {
        toTheEnd();
      } else {
        unsure();
      }
    }

    private void view() {
      ViewNames query = new ViewNames(at);
      query.read();
      names.addAll(query.names());
      reading = query.isInvolved() ? Reading.UNSURE : reading;
    }

    private void alter() {
      if (at.takeAny("database", "schema")) {
        boolean option =
            at.word().kind() == SqlWords.Kind.WORD
                && DATABASE_OPTIONS.contains(at.word().text().toLowerCase(Locale.ROOT));
        if (at.word().isName() && !option) {
          database();
        }
        return;
      }
      at.take("ignore");
      if (at.take("table")) {
        ifExists();
        table();
        alterations();
      } else if (at.take("sequence")) {
        ifExists();
        table();
      } else if (at.takeAny("placement", "resource")) {
        toTheEnd();
      } else {
        unsure();
      }
    }

    /** What changes a table's name stands at the beginning of a clause. */
    private void alterations() {
      boolean begins = true;
      int depth = 0;
      while (!at.isAtEnd() && !at.peek(";")) {
        if (begins && at.peek("rename")) {
          renaming();
          begins = false;
          continue;
        }
        if (at.peek("exchange")) {
          at.skipUntil("with");
          at.skip();
          at.take("table");
          table();
          continue;
        }
        depth += at.peek("(") ? 1 : at.peek(")") ? -1 : 0;
        begins = depth == 0 && at.peek(",");
        reference();
      }
    }

    private void renaming() {
      at.skip();
      if (!RENAMES_INSIDE.contains(at.word().text().toLowerCase(Locale.ROOT))
          || at.word().kind() != SqlWords.Kind.WORD) {
        at.takeAny("to", "as", "=");
        table();
      }
    }

    private void drop() {
      if (at.takeAny("database", "schema")) {
        ifExists();
        database();
        return;
      }
      at.take("global");
      at.take("temporary");
      if (at.take("index")) {
        onTable();
      } else if (at.takeAny("table", "tables", "view", "sequence")) {
        ifExists();
        do {
          table();
        } while (at.take(","));
      } else if (at.takeAny("placement", "resource")) {
        toTheEnd();
      } else {
        unsure();
      }
    }

    private void rename() {
      if (!at.takeAny("table", "tables")) {
        unsure();
        return;
      }
      do {
        table();
        at.take("to");
        table();
      } while (at.take(","));
    }

    private void recover() {
      at.take("table");
      if (!at.take("by")) {
        table();
      }
    }

    private void flashback() {
      if (at.takeAny("database", "schema")) {
        database();
        if (at.take("to")) {
          database();
        }
      } else if (at.take("table")) {
        table();
        if (at.take("to") && at.word().isName()) {
          table();
        }
      } else {
        toTheEnd();
      }
    }

    private void onTable() {
      at.skipUntil("on");
      at.skip();
      table();
    }

    private void inDefinitions(boolean open) {
      int depth = open ? 1 : 0;
      while (!at.isAtEnd() && !at.peek(";")) {
        boolean query = depth == 0 && (at.peek("select") || at.peek("with"));
        if (query) {
          unsure();
          return;
        }
        depth += at.peek("(") ? 1 : at.peek(")") ? -1 : 0;
        reference();
      }
    }

    /** A foreign key's table, or the sequence of a default; else the next word is passed over. */
    private void reference() {
      if (at.take("references") || at.take("next", "value", "for")) {
        table();
      } else if (at.take("nextval", "(") || at.take("lastval", "(") || at.take("setval", "(")) {
        table();
      } else {
        at.skip();
      }
    }

    private void ifExists() {
      if (at.take("if")) {
        at.take("not");
        at.take("exists");
      }
    }

    private void table() {
      if (at.word().isName()) {
        names.add(at.name(Kind.TABLE));
      } else {
        unsure();
      }
    }

    private void database() {
      if (at.word().isName()) {
        SqlWords.Word word = at.word();
        names.add(new Name(Kind.DATABASE, word.text(), "", word.start(), word.end()));
        at.skip();
      } else {
        unsure();
      }
    }

    private void toTheEnd() {
      while (!at.isAtEnd() && !at.peek(";")) {
        at.skip();
      }
    }

    private void unsure() {
      reading = Reading.UNSURE;
      toTheEnd();
    }
  }
}
