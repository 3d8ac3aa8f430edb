package org.tidbbinlog.tools.terminal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Rows and columns of the terminal that is standard input. */
record TerminalSize(int rows, int columns) {
  private static final TerminalSize USUAL = new TerminalSize(24, 80);
  private static final Pattern STTY = Pattern.compile("(\\d+) (\\d+)\\s*");

  /** Asks {@code stty}, which every POSIX system has; 24 × 80 where that does not know. */
  static TerminalSize now() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(ProcessBuilder.Redirect.INHERIT)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String said = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      if (!stty.waitFor(1, TimeUnit.SECONDS)) {
        stty.destroyForcibly();
      }
      return parse(said);
    } catch (IOException noStty) {
      return USUAL;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return USUAL;
    }
  }

  /** {@code ROWS COLUMNS}; a terminal that does not know its size says zeros. */
  static TerminalSize parse(String said) {
    Matcher found = STTY.matcher(said);
    if (!found.matches()) {
      return USUAL;
    }
    int rows = Integer.parseInt(found.group(1));
    int columns = Integer.parseInt(found.group(2));
    return rows == 0 || columns == 0 ? USUAL : new TerminalSize(rows, columns);
  }
}
