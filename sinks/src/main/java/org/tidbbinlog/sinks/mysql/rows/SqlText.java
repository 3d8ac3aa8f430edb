package org.tidbbinlog.sinks.mysql.rows;

/** Quoting of names and strings, for sessions without NO_BACKSLASH_ESCAPES. */
public final class SqlText {
  private static final char[] HEX = "0123456789ABCDEF".toCharArray();

  private SqlText() {}

  /** {@code `name`} with backticks doubled. */
  public static String name(String name) {
    return "`" + name.replace("`", "``") + "`";
  }

  /** {@code `schema`.`table`}. */
  public static String name(String schema, String table) {
    return name(schema) + "." + name(table);
  }

  /** {@code 'text'} with what could end or change it escaped. */
  public static String string(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2);
    appendString(out, text);
    return out.toString();
  }

  public static void appendString(StringBuilder out, String text) {
    out.append('\'');
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      char escaped = escape(c);
      if (escaped != 0) {
        out.append(text, from, i).append('\\').append(escaped);
        from = i + 1;
      }
    }
    out.append(text, from, text.length()).append('\'');
  }

  private static char escape(char c) {
    return switch (c) {
      case '\'', '"', '\\' -> c;
      case '\0' -> '0';
      case '\n' -> 'n';
      case '\r' -> 'r';
      case '\u001a' -> 'Z';
      default -> 0;
    };
  }

  /** {@code x'00FF'}, or {@code ''} for no bytes. */
  public static void appendBytes(StringBuilder out, byte[] bytes) {
    if (bytes.length == 0) {
      out.append("''");
      return;
    }
    out.ensureCapacity(out.length() + 2 * bytes.length + 3);
    out.append("x'");
    for (byte b : bytes) {
      out.append(HEX[(b >> 4) & 15]).append(HEX[b & 15]);
    }
    out.append('\'');
  }
}
