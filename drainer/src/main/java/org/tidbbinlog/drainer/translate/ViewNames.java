package org.tidbbinlog.drainer.translate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.tidbbinlog.drainer.schema.SqlWords.Kind;
import org.tidbbinlog.drainer.schema.SqlWords.Word;
import org.tidbbinlog.drainer.translate.StatementNames.Name;

/**
 * The tables a view's query reads, and the columns it qualifies with database and table. A query
 * that names two tables of one name in different databases, both without another name, is too
 * involved. One thread, one use.
 */
final class ViewNames {
  /** What may stand behind a table where no other name for it does. */
  private static final Set<String> NO_ALIAS =
      Set.of(
          "where",
          "group",
          "having",
          "order",
          "limit",
          "union",
          "except",
          "intersect",
          "on",
          "using",
          "join",
          "inner",
          "cross",
          "left",
          "right",
          "natural",
          "straight_join",
          "use",
          "force",
          "ignore",
          "for",
          "into",
          "lock",
          "window",
          "procedure",
          "tablesample",
          "with");

  private static final Set<String> ENDS_FROM =
      Set.of("where", "group", "having", "order", "limit", "union", "except", "intersect");

  /** Functions with FROM inside their parenthesis. */
  private static final Set<String> FROM_INSIDE =
      Set.of("extract", "trim", "substring", "substr", "mid", "json_table");

  /** One parenthesis, or the query itself. */
  private static final class Level {
    final boolean function;
    boolean inFrom;

    Level(boolean function) {
      this.function = function;
    }
  }

  private final NameCursor at;
  private final List<Name> names = new ArrayList<>();
  private final Set<String> commonTables = new HashSet<>();
  private final Map<String, String> schemaOfSource = new HashMap<>();
  private final Deque<Level> levels = new ArrayDeque<>();
  private boolean involved;

  ViewNames(NameCursor at) {
    this.at = at;
  }

  List<Name> names() {
    return names;
  }

  boolean isInvolved() {
    return involved;
  }

  void read() {
    findCommonTables();
    levels.push(new Level(false));
    while (!at.isAtEnd() && !at.peek(";")) {
      step();
    }
  }

  /** {@code name AS (} and {@code name (columns) AS (}. */
  private void findCommonTables() {
    for (int i = 0; !at.ahead(i).text().isEmpty() && !at.ahead(i).is(";"); i++) {
      if (at.ahead(i).is("as") && at.ahead(i + 1).is("(")) {
        int before = i - 1;
        if (at.ahead(before).is(")")) {
          while (before > 0 && !at.ahead(before).is("(")) {
            before--;
          }
          before--;
        }
        if (at.ahead(before).isName()) {
          commonTables.add(at.ahead(before).text().toLowerCase(Locale.ROOT));
        }
      }
    }
  }

  private void step() {
    Word word = at.word();
    Level level = level();
    if (word.is("(")) {
      boolean function = FROM_INSIDE.contains(at.ahead(-1).text().toLowerCase(Locale.ROOT));
      at.skip();
      levels.push(new Level(function));
    } else if (word.is(")")) {
      at.skip();
      if (levels.size() > 1) {
        levels.pop();
      }
    } else if (!level.function && (word.is("from") || isJoin(word))) {
      at.skip();
      level.inFrom = true;
      source();
    } else if (level.inFrom && word.is(",")) {
      at.skip();
      source();
    } else if (word.kind() == Kind.WORD
        && ENDS_FROM.contains(word.text().toLowerCase(Locale.ROOT))) {
      level.inFrom = false;
      at.skip();
    } else if (isOwner()) {
      names.add(at.name(StatementNames.Kind.OWNER));
    } else if (word.isName() && at.ahead(1).is(".")) {
      at.skip();
      at.skip();
      at.skip();
    } else {
      at.skip();
    }
  }

  private Level level() {
    Level top = levels.peek();
    return top == null ? new Level(false) : top;
  }

  private static boolean isJoin(Word word) {
    return word.is("join") || word.is("straight_join");
  }

  private boolean isOwner() {
    return at.word().isName() && at.ahead(1).is(".") && at.ahead(2).isName() && at.ahead(3).is(".");
  }

  private void source() {
    while (at.peek("(")) {
      at.skip();
      levels.push(new Level(false));
      if (at.peek("select") || at.peek("with")) {
        return;
      }
      level().inFrom = true;
    }
    boolean notATable =
        !at.word().isName() || at.ahead(1).is("(") || at.peek("dual") || at.peek("lateral");
    if (notATable) {
      return;
    }
    Name name = at.name(StatementNames.Kind.SOURCE);
    boolean common =
        name.schema().isEmpty() && commonTables.contains(name.table().toLowerCase(Locale.ROOT));
    if (at.peek("partition") && at.ahead(1).is("(")) {
      // The other name would have to stand behind the partitions.
      at.skipUntil(")");
      at.skip();
      involved |= !takeAlias();
      names.add(aliased(name));
    } else if (common) {
      takeAlias();
    } else if (takeAlias()) {
      names.add(aliased(name));
    } else {
      names.add(name);
      String before = schemaOfSource.put(name.table().toLowerCase(Locale.ROOT), name.schema());
      involved |= before != null && !before.equalsIgnoreCase(name.schema());
    }
  }

  private static Name aliased(Name name) {
    return new Name(
        StatementNames.Kind.ALIASED_SOURCE, name.schema(), name.table(), name.start(), name.end());
  }

  private boolean takeAlias() {
    if (at.take("as")) {
      at.skip();
      return true;
    }
    Word word = at.word();
    boolean alias =
        word.kind() == Kind.QUOTED
            || (word.kind() == Kind.WORD
                && !NO_ALIAS.contains(word.text().toLowerCase(Locale.ROOT)));
    if (alias) {
      at.skip();
    }
    return alias;
  }
}
