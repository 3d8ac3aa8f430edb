package org.tidbbinlog.tools.terminal;

import java.io.Console;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;

/**
 * Lines for a reader at a terminal, or in a file. A block of lines is redrawn in place on a
 * terminal and printed as one plain line elsewhere. One thread.
 */
public final class Terminal {
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
    boolean terminal =
        Optional.ofNullable(System.console()).map(Terminal::isTerminal).orElse(false);
    return new Terminal(System.out, terminal && !term.equals("dumb"));
  }

  /** From JDK 22 on there is a console without a terminal too, and a method that tells. */
  private static boolean isTerminal(Console console) {
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException before22) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
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
      out.printf("\u001b[%dA\u001b[J", drawnLines);
      drawnLines = 0;
    }
  }
}
