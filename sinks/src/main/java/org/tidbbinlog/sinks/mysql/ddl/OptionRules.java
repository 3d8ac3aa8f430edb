package org.tidbbinlog.sinks.mysql.ddl;

import java.util.Locale;
import java.util.Set;

/**
 * Table options that only TiDB has. For TiDB itself, placement goes (the target has other stores)
 * and expiry of rows is switched off: the rows' deletion comes with the stream. Source:
 * mysql-translate section 6.
 */
final class OptionRules {
  private static final Set<String> ONE_VALUE =
      Set.of(
          "shard_row_id_bits",
          "pre_split_regions",
          "auto_id_cache",
          "auto_random_base",
          "attributes",
          "ttl_enable",
          "ttl_job_interval",
          "stats_buckets",
          "stats_topn",
          "stats_sample_rate",
          "stats_cols_choice",
          "stats_col_list",
          "stats_options");

  private OptionRules() {}

  /** Index behind the TiDB option at {@code index}; {@code index} itself when there is none. */
  static int behindOption(Rewrite rewrite, int index) {
    SqlToken token = rewrite.token(index);
    if (token.kind() != SqlToken.Kind.WORD) {
      return index;
    }
    int value = rewrite.token(index + 1).is("=") ? index + 2 : index + 1;
    if (ONE_VALUE.contains(token.text().toLowerCase(Locale.ROOT))) {
      return value + 1;
    }
    if (token.is("placement") && rewrite.token(index + 1).is("policy")) {
      return rewrite.token(index + 2).is("=") ? index + 4 : index + 3;
    }
    if (token.is("ttl") && isTtl(rewrite, value)) {
      return value + 5;
    }
    return token.is("cache") || token.is("nocache") ? index + 1 : index;
  }

  /** {@code col + INTERVAL n unit}; not {@code REMOVE TTL}, not a column of that name. */
  private static boolean isTtl(Rewrite rewrite, int from) {
    return rewrite.token(from + 1).is("+") && rewrite.token(from + 2).is("interval");
  }

  static void rewrite(Rewrite rewrite, int from, int to) {
    for (int i = from; i < to; i++) {
      int end = Math.min(to, behindOption(rewrite, i));
      if (end > i) {
        if (rewrite.dialect.isTiDb()) {
          forTidb(rewrite, i, end);
        } else {
          rewrite.drop(i, end);
        }
        i = end - 1;
      }
    }
  }

  private static void forTidb(Rewrite rewrite, int index, int end) {
    SqlToken token = rewrite.token(index);
    if (token.is("placement")) {
      int start = rewrite.token(index - 1).is("default") ? index - 1 : index;
      rewrite.drop(start, end);
    } else if (token.is("ttl_enable")) {
      SqlToken value = rewrite.token(end - 1);
      rewrite.edits.replace(value.start(), value.end(), "'OFF'");
    } else if (token.is("ttl") && !names(rewrite, "ttl_enable")) {
      rewrite.edits.insert(rewrite.token(end - 1).end(), " TTL_ENABLE = 'OFF'");
    }
  }

  private static boolean names(Rewrite rewrite, String word) {
    return rewrite.tokens.stream().anyMatch(token -> token.is(word));
  }
}
