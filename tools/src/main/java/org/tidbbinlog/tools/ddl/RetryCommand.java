package org.tidbbinlog.tools.ddl;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ddl retry}. */
@Command(
    name = "retry",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = "Runs the statement that is held once more, after the target was mended.",
    footer = {
      "",
      "Example:",
      "  tidb-binlog ddl retry 449876543210987654 --drainer 127.0.0.1:8249 --by ann"
    })
final class RetryCommand implements Callable<Integer> {
  @Mixin private Choosing choosing = new Choosing();

  @Override
  public Integer call() throws InterruptedException {
    return choosing.choose("retry", "");
  }
}
