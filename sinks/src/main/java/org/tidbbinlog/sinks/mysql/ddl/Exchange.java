package org.tidbbinlog.sinks.mysql.ddl;

import java.util.List;
import java.util.Optional;

/** The table on the other side of {@code EXCHANGE PARTITION ... WITH TABLE}. */
final class Exchange {
  private Exchange() {}

  static Optional<TableRef> of(String sql) {
    List<SqlToken> tokens =
        SqlLexer.tokens(sql, SqlLexer.DoubleQuotes.STRING, SqlLexer.TidbComments.SKIPPED);
    for (int i = 0; i + 5 < tokens.size(); i++) {
      if (tokens.get(i).is("exchange") && tokens.get(i + 1).is("partition")) {
        return withTable(tokens, i);
      }
    }
    return Optional.empty();
  }

  private static Optional<TableRef> withTable(List<SqlToken> tokens, int from) {
    for (int i = from; i + 3 < tokens.size(); i++) {
      if (tokens.get(i).is("with") && tokens.get(i + 1).is("table")) {
        boolean qualified = tokens.get(i + 3).is(".");
        SqlToken name = tokens.get(qualified ? i + 4 : i + 2);
        return Optional.of(
            new TableRef(
                qualified ? tokens.get(i + 2).text() : "",
                name.text(),
                TableRef.Existence.EXISTS,
                name.start(),
                name.end()));
      }
    }
    return Optional.empty();
  }
}
