package org.tidbbinlog.tools.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What goes to a terminal, and what to a file. */
class TerminalTest {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  @Test
  void picture_leavesTheScreenAsItWas() {
    try (Terminal terminal = terminal(true)) {
      terminal.picture(List.of("first"));
      terminal.picture(List.of("second", "third"));
      terminal.line("last words");
    }
    assertThat(text()).startsWith("\u001b[?1049h\u001b[?25l").contains("second\u001b[K\r\nthird");
    assertThat(text()).endsWith("\u001b[?7h\u001b[?25h\u001b[?1049llast words\n");
  }

  @Test
  void picture_inAFile_isNothing() {
    try (Terminal terminal = terminal(false)) {
      terminal.picture(List.of("first"));
      terminal.line("plain");
    }
    assertThat(text()).isEqualTo("plain\n");
  }

  @Test
  void cut_countsSigns_notLooks() {
    assertThat(Ink.cut("\u001b[32mabcdef\u001b[0mgh", 4)).isEqualTo("\u001b[32mabcd\u001b[0m");
    assertThat(Ink.cut("short", 80)).isEqualTo("short");
  }

  @Test
  void curve_reachesTheTopAtTheLargest() {
    Ink fine = Ink.of(Map.of("LANG", "C.UTF-8"));
    assertThat(fine.curve(List.of(0.0, 1.0, 100.0))).isEqualTo("▁▂█");
    assertThat(Ink.of(Map.of("LANG", "C")).curve(List.of(0.0, 5.0))).isEqualTo("_#");
    assertThat(fine.curve(List.of(0.0, 0.0))).isEqualTo("▁▁");
  }

  @Test
  void colour_notWanted_isLeftOut() {
    assertThat(Ink.of(Map.of("NO_COLOR", "1")).in(Ink.Look.BAD, "x")).isEqualTo("x");
    assertThat(Ink.of(Map.of()).in(Ink.Look.BAD, "x")).isEqualTo("\u001b[31mx\u001b[0m");
  }

  @Test
  void size_unknown_isTheUsualOne() {
    assertThat(TerminalSize.parse("50 132\n")).isEqualTo(new TerminalSize(50, 132));
    assertThat(TerminalSize.parse("0 0\n")).isEqualTo(new TerminalSize(24, 80));
    assertThat(TerminalSize.parse("")).isEqualTo(new TerminalSize(24, 80));
  }

  private Terminal terminal(boolean interactive) {
    return new Terminal(
        new PrintStream(written, false, StandardCharsets.UTF_8),
        interactive,
        Ink.of(Map.of("LANG", "C.UTF-8")));
  }

  private String text() {
    return written.toString(StandardCharsets.UTF_8);
  }
}
