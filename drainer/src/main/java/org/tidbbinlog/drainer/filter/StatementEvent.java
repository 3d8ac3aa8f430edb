package org.tidbbinlog.drainer.filter;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.tidbbinlog.drainer.schema.SqlWords;

/**
 * Which events a DDL statement is, judged by its words; none for kinds that have no name. A change
 * of partitions is also that of its table: the original knows it as the latter only. Source:
 * drainer section 2.1.
 */
final class StatementEvent {
  private static final int WORDS_BEFORE_OBJECT = 40;

  private StatementEvent() {}

  static List<EventKind> of(String query) {
    List<SqlWords.Word> words = SqlWords.of(query);
    if (words.isEmpty()) {
      return List.of();
    }
    Optional<EventKind> first = first(words);
    return Stream.concat(
            first.stream(),
            first.filter(event -> event == EventKind.ALTER_TABLE).stream()
                .flatMap(event -> ofPartitions(words)))
        .toList();
  }

  private static Stream<EventKind> ofPartitions(List<SqlWords.Word> words) {
    return IntStream.range(0, words.size() - 1)
        .filter(i -> words.get(i + 1).is("partition"))
        .mapToObj(i -> EventKind.of(lower(words.get(i)) + " table partition"))
        .flatMap(Optional::stream)
        .distinct();
  }

  private static Optional<EventKind> first(List<SqlWords.Word> words) {
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
