package org.tidbbinlog.playground;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.tidbbinlog.tools.terminal.Ink;
import org.tidbbinlog.tools.terminal.Ink.Look;
import org.tidbbinlog.tools.terminal.Terminal;

/**
 * Draws {@link Snapshot}s: a picture on a terminal, a plain line elsewhere. What matters most
 * stands first, so that a low terminal cuts off the rest.
 */
final class LiveView {
  private static final int PLAIN_DDL_CHARS = 90;
  private static final int SAMPLES = 40;
  private static final Duration GOOD_LAG = Duration.ofSeconds(2);
  private static final Duration BAD_LAG = Duration.ofSeconds(10);

  private final Terminal terminal;
  private final Ink ink;
  private final Deque<Double> in = new ArrayDeque<>();
  private final Deque<Double> out = new ArrayDeque<>();
  private final Deque<Double> lag = new ArrayDeque<>();
  private List<String> footer = List.of();

  LiveView(Terminal terminal) {
    this.terminal = terminal;
    this.ink = terminal.ink();
  }

  /** How to look inside; stands below the numbers. */
  void footer(List<String> lines) {
    footer = List.copyOf(lines);
  }

  /** One more second. */
  void show(Snapshot now) {
    add(in, now.inPerSecond());
    add(out, now.outPerSecond());
    add(lag, now.lag().toMillis() / 1000.0);
    redraw(now);
    if (!terminal.isInteractive()) {
      terminal.line("playground: " + plain(now));
    }
  }

  /** Draws on a terminal only; the curves stay as they are. */
  void redraw(Snapshot now) {
    terminal.picture(picture(now));
  }

  private static void add(Deque<Double> samples, double value) {
    samples.addLast(value);
    if (samples.size() > SAMPLES) {
      samples.removeFirst();
    }
  }

  private List<String> picture(Snapshot now) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(title(now));
    lines.add("");
    lines.add(row("in", perSecond(now.inPerSecond()), Look.ACCENT, in));
    lines.add(row("out", perSecond(now.outPerSecond()), Look.GOOD, out));
    lines.add(row("lag", seconds(now.lag()), lagLook(now.lag()), lag));
    lines.add("");
    lines.add(
        "  %s %,d   %s %,d   %s %,d"
            .formatted(
                faint("committed"), now.committed(),
                faint("applied"), now.applied(),
                faint("rolled back"), now.rolledBack()));
    lines.add("  %s %s".formatted(faint("last DDL "), oneLine(now.lastDdl())));
    lines.add("");
    now.nodes().forEach(node -> lines.add(node(node)));
    lines.add("");
    footer.forEach(line -> lines.add("  " + line));
    return lines;
  }

  private String title(Snapshot now) {
    long pumps = now.nodes().stream().filter(node -> node.id().startsWith("pump")).count();
    String road =
        String.join(
            ink.arrow(), "TiDB", pumps == 1 ? "Pump" : pumps + " Pumps", "Drainer", "MariaDB");
    return "  %s   %s %s"
        .formatted(
            ink.in(Look.STRONG, pumps == 0 ? "TiDB-Binlog playground" : road),
            phase(now.phase()),
            clock(now.running()));
  }

  private String phase(Snapshot.Phase phase) {
    Look look = phase == Snapshot.Phase.RUNNING ? Look.GOOD : Look.WARNING;
    return ink.in(look, phase.name().toLowerCase(Locale.ROOT).replace('_', ' '));
  }

  private String row(String name, String value, Look look, Deque<Double> samples) {
    return "  %s %s  %s"
        .formatted(
            faint("%-4s".formatted(name)),
            ink.in(look, "%12s".formatted(value)),
            ink.in(look, ink.curve(samples)));
  }

  private String node(Snapshot.NodeLine node) {
    return "  %-10s %s %-16s %s"
        .formatted(
            node.id(),
            ink.in(stateLook(node.state()), "%-9s".formatted(node.state())),
            node.address(),
            doing(node));
  }

  private String doing(Snapshot.NodeLine node) {
    String waiting = node.waiting() == 0 ? "" : "%,d waiting ".formatted(node.waiting());
    String text = waiting + (node.applying().isEmpty() ? "" : "applying " + node.applying());
    return text.isEmpty() ? "" : faint(text.strip());
  }

  private static Look stateLook(String state) {
    return switch (state) {
      case "online" -> Look.GOOD;
      case "offline", "ended" -> Look.BAD;
      default -> Look.WARNING;
    };
  }

  private static Look lagLook(Duration lag) {
    if (lag.compareTo(GOOD_LAG) < 0) {
      return Look.GOOD;
    }
    return lag.compareTo(BAD_LAG) < 0 ? Look.WARNING : Look.BAD;
  }

  static String plain(Snapshot now) {
    String ddl = oneLine(now.lastDdl());
    return "seconds=%d in=%.0f/s out=%.0f/s committed=%d applied=%d rolledback=%d lag=%s nodes=%s ddl=%s"
        .formatted(
            now.running().toSeconds(),
            now.inPerSecond(),
            now.outPerSecond(),
            now.committed(),
            now.applied(),
            now.rolledBack(),
            seconds(now.lag()).replace(" ", ""),
            now.nodes().stream()
                .map(node -> node.id() + ":" + node.state())
                .collect(Collectors.joining(",")),
            ddl.length() <= PLAIN_DDL_CHARS ? ddl : ddl.substring(0, PLAIN_DDL_CHARS) + "...");
  }

  private String faint(String text) {
    return ink.in(Look.FAINT, text);
  }

  private static String perSecond(double rate) {
    return "%,.0f txn/s".formatted(rate);
  }

  private static String seconds(Duration duration) {
    return "%.1f s".formatted(duration.toMillis() / 1000.0);
  }

  private static String clock(Duration running) {
    return "%d:%02d".formatted(running.toMinutes(), running.toSecondsPart());
  }

  /** No line breaks, and nothing that moves a terminal's cursor. */
  private static String oneLine(String text) {
    return text.replaceAll("[\\s\\p{Cntrl}]+", " ").trim();
  }
}
