package org.tidbbinlog.tools.terminal;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lines for a reader at a terminal, or in a file. On a terminal a picture may be drawn again and
 * again on a screen of its own, which gives way to the lines before and after it; elsewhere one
 * plain line stands for each picture. One thread.
 */
public final class Terminal implements AutoCloseable {
  private static final String ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J";
  private static final String LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";
  private static final String HOME = "\u001b[H";
  private static final String END_OF_LINE = "\u001b[K\r\n";
  private static final String END_OF_PICTURE = "\u001b[K\u001b[J";

  private final PrintStream out;
  private final boolean interactive;
  private final Ink ink;
  private boolean drawing;

  Terminal(PrintStream out, boolean interactive, Ink ink) {
    this.out = out;
    this.interactive = interactive;
    this.ink = ink;
  }

  /** Standard output; interactive when it and the input are a terminal that can move its cursor. */
  public static Terminal standard() {
    Map<String, String> environment = System.getenv();
    boolean terminal =
        Optional.ofNullable(System.console()).map(Terminal::isTerminal).orElse(false)
            && !environment.getOrDefault("TERM", "dumb").equals("dumb");
    Ink ink = Ink.of(environment);
    Charset charset =
        terminal && !ink.isUnicode() ? StandardCharsets.US_ASCII : StandardCharsets.UTF_8;
    return new Terminal(
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, charset), terminal, ink);
  }

  /** Lines only, and never a picture. */
  public static Terminal plain(PrintStream out) {
    return new Terminal(out, false, Ink.of(Map.of("NO_COLOR", "1")));
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

  /** What the terminal can show. */
  public Ink ink() {
    return ink;
  }

  /** A line that stays; the picture goes. */
  public void line(String text) {
    close();
    out.println(text);
    out.flush();
  }

  /** Draws over the picture before; what does not fit the terminal is cut off. */
  public void picture(List<String> lines) {
    if (!interactive) {
      return;
    }
    TerminalSize size = TerminalSize.now();
    StringBuilder text = new StringBuilder(drawing ? HOME : ENTER + HOME);
    int shown = Math.min(lines.size(), size.rows());
    for (int i = 0; i < shown; i++) {
      text.append(Ink.cut(lines.get(i), size.columns()));
      text.append(i + 1 < shown ? END_OF_LINE : END_OF_PICTURE);
    }
    drawing = true;
    // One write a picture, so that no half of one is seen.
    out.print(text);
    out.flush();
  }

  /** Gives the screen back as it was. */
  @Override
  public void close() {
    if (drawing) {
      drawing = false;
      out.print(LEAVE);
      out.flush();
    }
  }
}
