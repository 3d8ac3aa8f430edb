package org.tidbbinlog.sinks.mysql.ddl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.sinks.mysql.ddl.SqlLexer.DoubleQuotes;
import org.tidbbinlog.sinks.mysql.ddl.SqlLexer.TidbComments;

@Timeout(value = 1, unit = TimeUnit.MINUTES)
class SqlLexerTest {
  private static List<String> texts(String sql) {
    return SqlLexer.tokens(sql, DoubleQuotes.STRING, TidbComments.SKIPPED).stream()
        .filter(token -> token.kind() != SqlToken.Kind.END)
        .map(SqlToken::text)
        .toList();
  }

  @Test
  void commentsOfAllKinds_areBlanks() {
    assertThat(texts("a -- b 'c\n d # e\n /* f ' */ g /*T![ttl] TTL=x */ h--i"))
        .containsExactly("a", "d", "g", "h", "-", "-", "i");
  }

  @Test
  void executableComments_areText() {
    assertThat(texts("create /*!50100 partition by 'x*/' */ table /*M!100100 t */"))
        .containsExactly("create", "partition", "by", "'x*/'", "table", "t");
  }

  @Test
  void quotes_keepTheirContent() {
    assertThat(texts("`a``b` 'it''s \\' ok' \"dq;--\" _utf8'x'"))
        .containsExactly("a`b", "'it''s \\' ok'", "\"dq;--\"", "_utf8", "'x'");
    assertThat(SqlLexer.tokens("\"a\"\"b\"", DoubleQuotes.NAME, TidbComments.SKIPPED).get(0).text())
        .isEqualTo("a\"b");
  }

  @Test
  void anyText_isCutWithoutLossOrLoop() {
    String[] pieces = {
      "'",
      "\"",
      "`",
      "\\",
      "/*",
      "*/",
      "/*!",
      "/*T!",
      "[",
      "]",
      "--",
      "--\n",
      "#",
      "\n",
      " ",
      ";",
      "(",
      ")",
      ",",
      "create",
      "table",
      "50100",
      "名",
      "\uD83D\uDE80",
      "",
      ".",
      "=",
      "x"
    };
    for (long seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      StringBuilder sql = new StringBuilder();
      for (int i = random.nextInt(30); i > 0; i--) {
        sql.append(pieces[random.nextInt(pieces.length)]);
      }
      check(sql.toString(), seed);
    }
  }

  private static void check(String sql, long seed) {
    for (TidbComments comments : TidbComments.values()) {
      int from = 0;
      for (SqlToken token : SqlLexer.tokens(sql, DoubleQuotes.STRING, comments)) {
        assertThat(token.start()).as("seed %d: %s", seed, sql).isGreaterThanOrEqualTo(from);
        assertThat(token.end()).as("seed %d: %s", seed, sql).isLessThanOrEqualTo(sql.length());
        assertThat(token.end() > token.start() || token.kind() == SqlToken.Kind.END)
            .as("seed %d: %s", seed, sql)
            .isTrue();
        from = token.end();
      }
      assertThat(new SqlEdits(sql).result()).isEqualTo(sql);
      DdlHead.of(SqlLexer.tokens(sql, DoubleQuotes.STRING, comments));
    }
  }
}
