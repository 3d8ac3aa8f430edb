package org.tidbbinlog.pump.server;

import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.node.log.Logging;
import org.tidbbinlog.node.process.LastResort;
import org.tidbbinlog.node.process.NodeProcess;
import org.tidbbinlog.node.process.StopReason;
import org.tidbbinlog.pump.storage.FileBinlogStore;

/** The {@code pump} command. Exit codes: pump section 3. */
public final class PumpMain {
  private static final Logger LOG = LoggerFactory.getLogger(PumpMain.class);
  private static final int START_FAILED = 2;

  private PumpMain() {}

  /** Runs a Pump until it is told to stop; answers the exit code. */
  public static int run(String[] arguments) {
    return run(List.of(arguments), System.getenv());
  }

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  static int run(List<String> arguments, Map<String, String> environment) {
    return NodeProcess.guard(
        "verifying flags failed. See 'pump --help'.",
        () -> {
          PumpSettings settings = PumpSettings.parse(arguments, environment);
          PumpSettings.LogSettings log = settings.log();
          Logging.configure(log.level(), log.file(), log.rotation());
          return live(settings);
        });
  }

  /** Until the node is there a signal ends the process at once; then it is an orderly stop. */
  private static int live(PumpSettings settings) {
    NodeProcess.banner("Pump", settings.values());
    return NodeProcess.guard(
        "creating pump server failed",
        () -> run(PumpNode.create(settings, Clock.system(), FileBinlogStore::open)));
  }

  private static int run(PumpNode node) {
    NodeProcess process = NodeProcess.begin("pump");
    LastResort.forAllThreadsOf(process);
    int code = NodeProcess.guard("pump server failed", () -> serve(node, process));
    node.close();
    return process.end(code);
  }

  private static int serve(PumpNode node, NodeProcess process) throws InterruptedException {
    try {
      node.start(process);
    } catch (OperatorException | RetryableException e) {
      LOG.atError().addKeyValue("error", e.getMessage()).log("start pump server failed");
      return START_FAILED;
    }
    StopReason why = process.awaitStop();
    node.stop(why);
    return 0;
  }
}
