package org.tidbbinlog.drainer.filter;

import java.util.regex.Pattern;
import org.tidbbinlog.base.OperatorException;

/**
 * A name pattern of a migrate rule: {@code *} as the last character, {@code ?} for one character,
 * {@code [a-c]} and {@code [!a]} ranges. Source: drainer section 2.1.
 */
final class Wildcard {
  private Wildcard() {}

  static Pattern compile(String text, FilterSettings.NameCase nameCase) {
    StringBuilder regex = new StringBuilder();
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '*' && at < text.length() - 1) {
        throw new OperatorException(
            "table-migrate-rule: \"" + text + "\": * may only be the last character");
      }
      int close = c == '[' ? text.indexOf(']', at) : -1;
      if (close > at + 1) {
        regex.append(range(text.substring(at + 1, close)));
        at = close;
      } else {
        regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
      }
    }
    int flags =
        nameCase == FilterSettings.NameCase.COUNTS
            ? 0
            : Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE;
    return Pattern.compile(regex.toString(), flags | Pattern.DOTALL);
  }

  private static String range(String inside) {
    boolean negated = inside.startsWith("!");
    String members =
        (negated ? inside.substring(1) : inside).replaceAll("[\\[\\]\\\\^&]", "\\\\$0");
    return "[" + (negated ? "^" : "") + members + "]";
  }
}
