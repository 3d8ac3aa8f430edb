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
        "Goes on without the statement that is held. Make an equivalent at the target by hand.",
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
