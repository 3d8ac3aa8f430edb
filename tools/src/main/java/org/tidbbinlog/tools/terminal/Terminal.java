package org.tidbbinlog.tools.terminal;

import java.io.PrintStream;
import java.util.List;

/**
 * Lines for a reader at a terminal, or in a file. A block of lines is redrawn in place on a
 * terminal and printed as one plain line elsewhere. One thread.
 */
public final class Terminal {
  private static final String UP_AND_CLEAR = "\u001b[%dA\u001b[J";

  private final PrintStream out;
  private final boolean interactive;
  private int drawnLines;

  public Terminal(PrintStream out, boolean interactive) {
    this.out = out;
    this.interactive = interactive;
  }

  /** Standard output; interactive when it and the input are a terminal that can move its cursor. */
  public static Terminal standard() {
    String term = System.getenv().getOrDefault("TERM", "dumb");
    return new Terminal(System.out, System.console() != null && !term.equals("dumb"));
  }

  public boolean isInteractive() {
    return interactive;
  }

  /** A line that stays. */
  public void line(String text) {
    wipe();
    out.println(text);
    out.flush();
  }

  /** Replaces the block drawn before; elsewhere than on a terminal prints {@code plain}. */
  public void block(List<String> lines, String plain) {
    if (!interactive) {
      line(plain);
      return;
    }
    wipe();
    lines.forEach(out::println);
    out.flush();
    drawnLines = lines.size();
  }

  private void wipe() {
    if (drawnLines > 0) {
      out.printf(UP_AND_CLEAR, drawnLines);
      drawnLines = 0;
    }
  }
}
