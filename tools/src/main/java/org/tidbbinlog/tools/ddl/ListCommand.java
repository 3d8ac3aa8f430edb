package org.tidbbinlog.tools.ddl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.tidbbinlog.base.Clock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ddl list}. */
@Command(
    name = "list",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = "Shows the DDL that is held: statement, error, since when, and the ways out.")
final class ListCommand implements Callable<Integer> {
  @Mixin private WhichDrainer which = new WhichDrainer();

  @Option(names = "--json", description = "as the Drainer answers it")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    DrainerClient drainer = which.find();
    JsonNode list = drainer.list();
    if (json) {
      System.out.println(list.toPrettyString());
    } else {
      print(System.out, list, drainer.address(), Clock.system().now());
    }
    return 0;
  }

  static void print(PrintStream out, JsonNode list, String address, Instant now) {
    if (list.path("held").isEmpty()) {
      out.println("nothing is held (on-ddl-error = " + list.path("onDdlError").asText() + ")");
    }
    for (JsonNode table : list.path("leftOut")) {
      out.printf(
          "rows of %s are left out since commit ts %s, until the target has such a table%n",
          table.path("table").asText(), table.path("sinceCommitTS").asText());
    }
    JsonNode running = list.path("running");
    if (running.isObject()) {
      out.printf(
          "DDL %s runs at the target since %s, connection %s%s%n",
          running.path("commitTS").asText(),
          running.path("since").asText(),
          running.path("connection").asText(),
          running.path("targetSays").asText().isEmpty()
              ? ""
              : ": " + running.path("targetSays").asText());
      line(out, "statement", running.path("statement").asText());
    }
    for (JsonNode ddl : list.path("held")) {
      String commitTs = ddl.path("commitTS").asText();
      out.printf(
          "%s %s since %s (%s), tried %s times by this process%n",
          subject(ddl, commitTs),
          ddl.path("state").asText(),
          ddl.path("since").asText(),
          age(Instant.parse(ddl.path("since").asText()), now),
          ddl.path("attempts").asText());
      line(out, "schema", ddl.path("schema").asText());
      line(out, "tables", join(ddl.path("tables")));
      line(out, "statement", ddl.path("statement").asText());
      int position = ddl.path("position").asInt() + 1;
      int statements = ddl.path("statements").asInt();
      if (statements > 1 && position <= statements) {
        String whole = isOfRows(ddl) ? "replacement" : "job";
        line(out, "position", position + " of " + statements + " in the " + whole);
      }
      line(out, "error", ddl.path("error").asText());
      behind(out, ddl.path("behind"));
      for (JsonNode way : ddl.path("waysOut")) {
        line(out, "way out", way.asText());
      }
      out.printf(
          "%n  tidb-binlog ddl retry %1$s --drainer %2$s%n"
              + "  tidb-binlog ddl replace %1$s 'STATEMENT' --drainer %2$s%n"
              + "  tidb-binlog ddl skip %1$s --drainer %2$s%n",
          commitTs, address);
    }
  }

  private static boolean isOfRows(JsonNode ddl) {
    String reason = ddl.path("reason").asText();
    return reason.equals("no-table") || reason.startsWith("replacement-");
  }

  private static String subject(JsonNode ddl, String commitTs) {
    return isOfRows(ddl)
        ? "the transaction at commit ts " + commitTs + " is"
        : "DDL " + commitTs + ", job " + ddl.path("jobID").asText() + ", is";
  }

  private static void behind(PrintStream out, JsonNode behind) {
    String full =
        behind.path("atItsLimit").asBoolean() ? "; the limit is reached, all of it waits" : "";
    line(
        out,
        "behind it",
        "%s items went on, %s transactions wait (%s bytes), %d DDL wait%s"
            .formatted(
                behind.path("passedItems").asText(),
                behind.path("waitingTransactions").asText(),
                behind.path("waitingBytes").asText(),
                behind.path("waitingDDLs").size(),
                full));
  }

  private static void line(PrintStream out, String name, String text) {
    out.printf("  %-10s %s%n", name, text);
  }

  private static String join(JsonNode names) {
    StringBuilder text = new StringBuilder();
    names.forEach(name -> text.append(text.isEmpty() ? "" : ", ").append(name.asText()));
    return text.toString();
  }

  private static String age(Instant since, Instant now) {
    Duration age = Duration.between(since, now);
    long hours = age.toHours();
    return hours > 0
        ? hours + " h " + age.toMinutesPart() + " min"
        : age.toMinutes() + " min " + age.toSecondsPart() + " s";
  }
}
