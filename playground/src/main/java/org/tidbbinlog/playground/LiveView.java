package org.tidbbinlog.playground;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.tidbbinlog.tools.terminal.Terminal;

/** Draws {@link Snapshot}s: a block that is redrawn on a terminal, one plain line elsewhere. */
final class LiveView {
  private static final int DDL_CHARS = 90;

  private final Terminal terminal;

  LiveView(Terminal terminal) {
    this.terminal = terminal;
  }

  void show(Snapshot now) {
    terminal.block(block(now), "playground: " + plain(now));
  }

  private static List<String> block(Snapshot now) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(
        "  running %-8s lag %-8s transactions in %,.0f/s, out %,.0f/s"
            .formatted(
                seconds(now.running()), seconds(now.lag()), now.inPerSecond(), now.outPerSecond()));
    lines.add(
        "  committed %,d   applied %,d   rolled back %,d"
            .formatted(now.committed(), now.applied(), now.rolledBack()));
    lines.add("  last DDL  " + shortened(now.lastDdl()));
    for (Snapshot.NodeLine node : now.nodes()) {
      lines.add("  %-10s %-22s %s".formatted(node.id(), node.address(), node.state()));
    }
    lines.add("");
    return lines;
  }

  static String plain(Snapshot now) {
    return "seconds=%d in=%.0f/s out=%.0f/s committed=%d applied=%d rolledback=%d lag=%s nodes=%s ddl=%s"
        .formatted(
            now.running().toSeconds(),
            now.inPerSecond(),
            now.outPerSecond(),
            now.committed(),
            now.applied(),
            now.rolledBack(),
            seconds(now.lag()),
            now.nodes().stream()
                .map(node -> node.id() + ":" + node.state())
                .collect(Collectors.joining(",")),
            shortened(now.lastDdl()));
  }

  private static String seconds(java.time.Duration duration) {
    return "%.1fs".formatted(duration.toMillis() / 1000.0);
  }

  private static String shortened(String text) {
    String line = text.replaceAll("\\s+", " ").trim();
    return line.length() <= DDL_CHARS ? line : line.substring(0, DDL_CHARS) + "…";
  }
}
