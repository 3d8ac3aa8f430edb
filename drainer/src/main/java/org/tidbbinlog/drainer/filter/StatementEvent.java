package org.tidbbinlog.drainer.filter;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.tidbbinlog.drainer.schema.SqlWords;

/** Which event a DDL statement is, judged by its first words. Source: drainer section 2.1. */
final class StatementEvent {
  private static final int WORDS_BEFORE_OBJECT = 40;

  private StatementEvent() {}

  static Optional<EventKind> of(String query) {
    List<SqlWords.Word> words = SqlWords.of(query);
    if (words.isEmpty()) {
      return Optional.empty();
    }
    String verb = lower(words.get(0));
    return switch (verb) {
      case "truncate" -> Optional.of(EventKind.TRUNCATE_TABLE);
      case "rename" -> EventKind.of("rename " + object(words));
      case "create", "drop", "alter" -> EventKind.of(verb + " " + object(words));
      default -> Optional.empty();
    };
  }

  /** The first word that names a kind of object: others like UNIQUE or DEFINER may stand before. */
  private static String object(List<SqlWords.Word> words) {
    return words.stream()
        .skip(1)
        .limit(WORDS_BEFORE_OBJECT)
        .filter(word -> word.kind() == SqlWords.Kind.WORD)
        .map(StatementEvent::lower)
        .filter(
            word ->
                switch (word) {
                  case "table", "database", "schema", "index", "view", "sequence" -> true;
                  default -> false;
                })
        .findFirst()
        .orElse("");
  }

  private static String lower(SqlWords.Word word) {
    return word.text().toLowerCase(Locale.ROOT);
  }
}
