package org.tidbbinlog.tools.ddl;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ddl skip}. */
@Command(
    name = "skip",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Goes on without what is held. Of a DDL: make an equivalent at the target by hand; rows of a"
            + " table that is missing then are held when they come. Of rows of a missing table:"
            + " these and all later rows of it are left out, logged and counted, until the target"
            + " has such a table. Of a statement that was to make it: that one is not run.",
    footer = {
      "",
      "Example:",
      "  tidb-binlog ddl skip 449876543210987654 --drainer 127.0.0.1:8249 --by ann"
    })
final class SkipCommand implements Callable<Integer> {
  @Mixin private Choosing choosing = new Choosing();

  @Override
  public Integer call() throws InterruptedException {
    return choosing.choose("skip", "");
  }
}
