package org.tidbbinlog.drainer.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The table names of a statement that names two or more tables: {@code RENAME TABLE}, {@code ALTER
 * TABLE … RENAME} and {@code ALTER TABLE … EXCHANGE PARTITION … WITH TABLE}. Jobs do not say in
 * which database such a statement ran; its qualified and unqualified names do.
 *
 * @param pairs old and new name of each step; for an exchange the partitioned table and the other
 */
public record RenameStatement(List<Pair> pairs) {
  /** Old and new name. */
  public record Pair(Name from, Name to) {}

  /** A table name; {@code schema} is "" when the statement does not say it. */
  public record Name(String schema, String table) {
    public boolean isQualified() {
      return !schema.isEmpty();
    }

    private String quoted() {
      return (isQualified() ? quoted(schema) + "." : "") + quoted(table);
    }

    private static String quoted(String name) {
      return "`" + name.replace("`", "``") + "`";
    }
  }

  public RenameStatement {
    pairs = List.copyOf(pairs);
  }

  /** As a {@code RENAME TABLE}; names are qualified where they were. */
  public String text() {
    return pairs.stream()
        .map(pair -> pair.from().quoted() + " TO " + pair.to().quoted())
        .collect(Collectors.joining(", ", "RENAME TABLE ", ""));
  }

  /** Reads the statement; no pairs when it is of another kind. */
  public static RenameStatement parse(String sql) {
    Reader reader = new Reader(SqlWords.of(sql));
    if (reader.accept("rename")) {
      return reader.accept("table") || reader.accept("tables")
          ? new RenameStatement(reader.renames())
          : new RenameStatement(List.of());
    }
    if (reader.accept("alter")) {
      reader.accept("ignore");
      if (reader.accept("table")) {
        return new RenameStatement(reader.alteration());
      }
    }
    return new RenameStatement(List.of());
  }

  /** A cursor over the words; names are read with or without their database. */
  private static final class Reader {
    private final List<SqlWords.Word> words;
    private int next;

    Reader(List<SqlWords.Word> words) {
      this.words = words;
    }

    boolean accept(String keyword) {
      boolean there = next < words.size() && words.get(next).is(keyword);
      next += there ? 1 : 0;
      return there;
    }

    List<Pair> renames() {
      List<Pair> pairs = new ArrayList<>();
      do {
        Name from = name();
        if (!accept("to")) {
          return List.of();
        }
        pairs.add(new Pair(from, name()));
      } while (accept(","));
      return pairs;
    }

    List<Pair> alteration() {
      Name table = name();
      if (accept("rename")) {
        if (!accept("to") && !accept("as")) {
          accept("=");
        }
        return next < words.size() ? List.of(new Pair(table, name())) : List.of();
      }
      if (accept("exchange")) {
        while (next < words.size() && !accept("with")) {
          next++;
        }
        return accept("table") ? List.of(new Pair(table, name())) : List.of();
      }
      return List.of();
    }

    private Name name() {
      String first = text();
      return accept(".") ? new Name(first, text()) : new Name("", first);
    }

    private String text() {
      return next < words.size() ? words.get(next++).text() : "";
    }
  }
}
