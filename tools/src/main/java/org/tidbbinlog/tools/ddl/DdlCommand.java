package org.tidbbinlog.tools.ddl;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code ddl}; what it does is in its subcommands. */
@Command(
    name = "ddl",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    subcommands = {
      ListCommand.class,
      SkipCommand.class,
      RetryCommand.class,
      ReplaceCommand.class,
      HistoryCommand.class
    },
    description = {
      "Shows the DDL that a Drainer holds because its target refuses it or has no place for it, or"
          + " the rows that it holds because its target has no such table, and chooses what becomes"
          + " of them, while the Drainer runs. A choice is kept on the Drainer's disk before it acts,"
          + " and stands in its audit log."
    },
    footer = {
      "",
      "Which Drainer: --drainer HOST:PORT, or --node-id with --pd-urls; neither given: the only one"
          + " that PD knows.",
      "",
      "Exit codes: 0 = done, 1 = refused, or the Drainer cannot be asked, 2 = wrong usage.",
      "",
      "Examples:",
      "  tidb-binlog ddl list --drainer 127.0.0.1:8249",
      "  tidb-binlog ddl retry 449876543210987654 --node-id drainer-1",
      "  tidb-binlog ddl replace 449876543210987654 'ALTER TABLE t ADD INDEX i(v)'",
      "  tidb-binlog ddl skip 449876543210987654 --by ann",
      "  tidb-binlog ddl history"
    })
public final class DdlCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "say what to do: list, skip, retry, replace or history");
  }
}
