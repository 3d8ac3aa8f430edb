package org.tidbbinlog.tools.terminal;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Colours and signs, as far as the terminal has them: no colour when {@code NO_COLOR} is set, plain
 * ASCII where the locale is not UTF-8.
 */
public final class Ink {
  private static final char ESCAPE = '\u001b';
  private static final String[] FINE = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  private static final String[] ROUGH = {"_", ".", "-", "~", "=", "+", "*", "#"};

  /** What a text is to look like. */
  public enum Look {
    STRONG(1),
    FAINT(2),
    GOOD(32),
    WARNING(33),
    BAD(31),
    ACCENT(36);

    private final int code;

    Look(int code) {
      this.code = code;
    }
  }

  private final boolean colour;
  private final boolean unicode;

  private Ink(boolean colour, boolean unicode) {
    this.colour = colour;
    this.unicode = unicode;
  }

  static Ink of(Map<String, String> environment) {
    String locale = "";
    for (String name : List.of("LC_ALL", "LC_CTYPE", "LANG")) {
      if (locale.isEmpty()) {
        locale = environment.getOrDefault(name, "");
      }
    }
    String folded = locale.toLowerCase(Locale.ROOT).replace("-", "");
    return new Ink(environment.getOrDefault("NO_COLOR", "").isEmpty(), folded.contains("utf8"));
  }

  boolean isUnicode() {
    return unicode;
  }

  /** The text in this look. */
  public String in(Look look, String text) {
    return colour ? ESCAPE + "[" + look.code + "m" + text + ESCAPE + "[0m" : text;
  }

  public String arrow() {
    return unicode ? " ──▶ " : " --> ";
  }

  /** One sign a value, from 0 to the largest of them. */
  public String curve(Iterable<Double> values) {
    double top = 0;
    for (double value : values) {
      top = Math.max(top, value);
    }
    String[] signs = unicode ? FINE : ROUGH;
    StringBuilder text = new StringBuilder();
    for (double value : values) {
      int height = top == 0 ? 0 : (int) Math.ceil(value / top * (signs.length - 1));
      text.append(signs[Math.max(0, Math.min(height, signs.length - 1))]);
    }
    return text.toString();
  }

  /** The first {@code columns} signs; looks take no room. */
  static String cut(String text, int columns) {
    StringBuilder kept = new StringBuilder();
    int width = 0;
    boolean escape = false;
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == ESCAPE) {
        escape = true;
      }
      boolean low = Character.isLowSurrogate(c);
      if (escape || low || width < columns) {
        kept.append(c);
      }
      if (escape) {
        escape = c != 'm';
      } else if (!low) {
        width++;
      }
    }
    return kept.toString();
  }
}
