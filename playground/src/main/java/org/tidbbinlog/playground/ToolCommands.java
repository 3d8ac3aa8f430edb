package org.tidbbinlog.playground;

import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.node.config.Version;
import org.tidbbinlog.node.log.Logging;
import org.tidbbinlog.node.process.NodeProcess;
import org.tidbbinlog.sim.SimulateCommand;
import org.tidbbinlog.tools.bench.BenchCommand;
import org.tidbbinlog.tools.capture.CaptureCommand;
import org.tidbbinlog.tools.ddl.DdlCommand;
import org.tidbbinlog.tools.differ.DifferCommand;
import org.tidbbinlog.tools.pumplog.PumpLogCommand;
import org.tidbbinlog.tools.replay.ReplayCommand;
import picocli.CommandLine;

/** Commands for people: one line for what went wrong, logs of their own only from warnings on. */
final class ToolCommands {
  private ToolCommands() {}

  static int replay(String[] arguments) {
    return run(new ReplayCommand(), arguments);
  }

  static int playground(String[] arguments) {
    NodeProcess process = NodeProcess.begin("playground");
    int code = 1;
    try {
      code = run(new PlaygroundCommand(process), arguments);
    } finally {
      process.end(code);
    }
    return code;
  }

  static int ddl(String[] arguments) {
    return run(new DdlCommand(), arguments);
  }

  static int pumpLog(String[] arguments) {
    return run(new PumpLogCommand(), arguments);
  }

  static int simulate(String[] arguments) {
    return run(new SimulateCommand(), arguments);
  }

  static int differ(String[] arguments) {
    return run(new DifferCommand(), arguments);
  }

  static int capture(String[] arguments) {
    return run(new CaptureCommand(), arguments);
  }

  static int bench(String[] arguments) {
    return run(new BenchCommand(), arguments);
  }

  /** Runs a picocli command; a fault an operator can mend is one line and exit code 1. */
  static int run(Object command, String[] arguments) {
    Logging.configure("warn");
    CommandLine line = new CommandLine(command);
    line.setExecutionExceptionHandler(
        (failure, failed, result) -> {
          if (failure instanceof OperatorException || failure instanceof RetryableException) {
            System.err.println(failed.getCommandName() + ": " + failure.getMessage());
          } else {
            failure.printStackTrace();
          }
          return failure instanceof OperatorException operator ? operator.exitCode() : 1;
        });
    line.getCommandSpec().version(Version.current().block().split("\n"));
    int code = line.execute(arguments);
    line.getOut().flush();
    line.getErr().flush();
    return code;
  }
}
