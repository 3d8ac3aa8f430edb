package org.tidbbinlog.tools.ddl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ddl history}. */
@Command(
    name = "history",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = "Shows the audit log: what was held, who chose what, and what passed.")
final class HistoryCommand implements Callable<Integer> {
  @Mixin private WhichDrainer which = new WhichDrainer();

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "so many of the newest entries; default ${DEFAULT-VALUE}")
  private int limit = 100;

  @Option(names = "--json", description = "as the Drainer answers it")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    JsonNode history = which.find().history(limit);
    if (json) {
      System.out.println(history.toPrettyString());
      return 0;
    }
    for (JsonNode entry : history.path("history")) {
      System.out.println(line(entry));
    }
    return 0;
  }

  static String line(JsonNode entry) {
    String by = entry.path("by").asText();
    String from = entry.path("from").asText();
    String who = from.isEmpty() ? "" : " by " + (by.isEmpty() ? from : by + " (" + from + ")");
    String event = entry.path("event").asText();
    String what =
        switch (event) {
          case "held" -> ": " + entry.path("error").asText();
          case "replace" -> " with [" + entry.path("replacement").asText() + "]";
          default -> "";
        };
    return "%s %-7s DDL %s, job %s, statement %d [%s]%s%s"
        .formatted(
            entry.path("time").asText(),
            event,
            entry.path("commitTS").asText(),
            entry.path("jobID").asText(),
            entry.path("statement").asInt() + 1,
            entry.path("text").asText(),
            what,
            who);
  }
}
