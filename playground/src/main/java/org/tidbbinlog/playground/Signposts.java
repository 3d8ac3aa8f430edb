package org.tidbbinlog.playground;

import java.util.ArrayList;
import java.util.List;
import org.tidbbinlog.tools.stage.ServerNode;
import org.tidbbinlog.tools.stage.Stage;

/** How to look inside: command lines to paste. */
final class Signposts {
  private Signposts() {}

  static List<String> lines(Stage stage, PlaygroundOptions options) {
    List<String> lines = new ArrayList<>();
    lines.add(line("target", stage.target().mysqlCommand()));
    for (ServerNode node : stage.nodes()) {
      lines.add(line(node.nodeId(), "curl http://" + node.address() + "/status"));
    }
    lines.add(
        line(
            "nodes",
            "bin/binlogctl -cmd drainers -pd-urls " + String.join(",", stage.cluster().pdUrls())));
    lines.add(line("data, logs", options.dir().toString()));
    lines.add("Ctrl-C ends it all");
    return lines;
  }

  private static String line(String what, String how) {
    return "%-11s %s".formatted(what, how);
  }
}
