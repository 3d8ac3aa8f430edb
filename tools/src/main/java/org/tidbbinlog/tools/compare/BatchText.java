package org.tidbbinlog.tools.compare;

import java.util.ArrayList;
import java.util.List;

/** The escapes of the {@code mysql} client's batch mode: backslash, newline, tab and NUL. */
final class BatchText {
  private BatchText() {}

  static String escape(String text) {
    StringBuilder out = new StringBuilder(text.length() + 8);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        case '\0' -> out.append("\\0");
        default -> out.append(c);
      }
    }
    return out.toString();
  }

  static String unescape(String text) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    boolean escape = false;
    for (int i = 0; i < text.length(); i++) {
      char escaped = text.charAt(i);
      if (!escape) {
        escape = escaped == '\\' && i + 1 < text.length();
        if (!escape) {
          out.append(escaped);
        }
        continue;
      }
      escape = false;
      switch (escaped) {
        case 'n' -> out.append('\n');
        case 't' -> out.append('\t');
        case '0' -> out.append('\0');
        default -> out.append(escaped);
      }
    }
    return out.toString();
  }

  /** The fields of one line, escapes undone; empty fields count. */
  static List<String> fields(String line) {
    List<String> fields = new ArrayList<>();
    int start = 0;
    for (int tab = line.indexOf('\t'); tab >= 0; tab = line.indexOf('\t', start)) {
      fields.add(unescape(line.substring(start, tab)));
      start = tab + 1;
    }
    fields.add(unescape(line.substring(start)));
    return fields;
  }
}
