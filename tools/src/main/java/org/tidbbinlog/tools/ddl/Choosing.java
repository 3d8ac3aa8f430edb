package org.tidbbinlog.tools.ddl;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.tidbbinlog.base.Clock;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the commands that choose have in common: for which DDL, who, and how long they wait. */
final class Choosing {
  private static final Duration POLL = Duration.ofMillis(200);

  @Mixin private WhichDrainer which = new WhichDrainer();

  @Parameters(
      index = "0",
      paramLabel = "COMMIT_TS",
      description = "the held DDL, as ddl list shows it")
  private long commitTs;

  @Option(
      names = "--by",
      paramLabel = "NAME",
      description = "who chooses, for the audit log; default: the user's login")
  private String by = System.getProperty("user.name", "");

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      description = "how long to wait for the outcome; default ${DEFAULT-VALUE}")
  private int waitSeconds = 30;

  /**
   * Chooses, and tells what came of it.
   *
   * @param action skip, retry or replace
   * @param statement empty unless replaced
   * @return the exit code: 1 when the target refused again
   */
  int choose(String action, String statement) throws InterruptedException {
    DrainerClient drainer = which.find();
    JsonNode was = drainer.choose(commitTs, action, by, statement);
    System.out.println(action + ": DDL " + commitTs + " [" + was.path("was").asText() + "]");
    Clock clock = Clock.system();
    long untilNs = clock.nanoTime() + Duration.ofSeconds(waitSeconds).toNanos();
    while (true) {
      JsonNode first = drainer.list().path("held").path(0);
      boolean same = first.path("commitTS").asLong() == commitTs;
      if (!same) {
        System.out.println("passed: replication goes on behind DDL " + commitTs);
        return 0;
      }
      if (first.path("state").asText().equals("held")) {
        System.out.println(
            "held again: ["
                + first.path("statement").asText()
                + "] "
                + first.path("error").asText());
        return 1;
      }
      if (clock.nanoTime() - untilNs > 0) {
        System.out.println("it is still being run; see tidb-binlog ddl list");
        return 0;
      }
      clock.sleep(POLL);
    }
  }
}
