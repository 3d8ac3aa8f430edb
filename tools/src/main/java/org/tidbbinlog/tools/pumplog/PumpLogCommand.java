package org.tidbbinlog.tools.pumplog;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code pump-log}; what it does is in its subcommands. */
@Command(
    name = "pump-log",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    subcommands = {VerifyCommand.class, StatCommand.class, DumpCommand.class},
    description = {
      "Looks into a Pump's data directory, ours or an original Pump's. Reads only: it takes no lock"
          + " and changes nothing, and works while a Pump runs on the directory."
    },
    footer = {
      "",
      "Exit codes: 0 = sound, 1 = damage found or the directory cannot be read, 2 = wrong usage.",
      "",
      "Examples:",
      "  tidb-binlog pump-log verify data.pump",
      "  tidb-binlog pump-log stat data.pump",
      "  tidb-binlog pump-log dump data.pump --from 402899541671542785 --limit 20"
    })
public final class PumpLogCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "say what to do: verify, stat or dump");
  }
}
