package org.tidbbinlog.drainer.filter;

import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.tidbbinlog.base.OperatorException;

/**
 * A schema or table name in a filter: {@code ~} and a regular expression that may match anywhere,
 * or a plain name that must be equal; case never counts. Source: drainer section 9.
 */
record NamePattern(String text, Predicate<String> matches) {
  static NamePattern parse(String text, String key) {
    if (!text.startsWith("~")) {
      String name = text.toLowerCase(Locale.ROOT);
      return new NamePattern(text, name::equals);
    }
    try {
      Pattern pattern =
          Pattern.compile(text.substring(1), Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
      return new NamePattern(text, pattern.asPredicate());
    } catch (PatternSyntaxException e) {
      throw new OperatorException(
          key + ": \"" + text + "\" is not a regular expression: " + e.getDescription());
    }
  }

  /** {@code name} in any case. */
  boolean matchesName(String name) {
    return matches.test(name.toLowerCase(Locale.ROOT));
  }
}
