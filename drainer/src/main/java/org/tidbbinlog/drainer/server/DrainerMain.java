package org.tidbbinlog.drainer.server;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.node.log.LogRotation;
import org.tidbbinlog.node.log.Logging;
import org.tidbbinlog.node.process.LastResort;
import org.tidbbinlog.node.process.NodeProcess;

/**
 * The {@code drainer} command. Exit codes: 0 after an orderly stop (also of a start that a signal
 * cut short), 1 for a wrong configuration and for a failure while running, 2 when the start failed
 * (and for unknown flags). Source: drainer section 5.
 */
public final class DrainerMain {
  private static final Logger LOG = LoggerFactory.getLogger(DrainerMain.class);
  private static final int START_FAILED = 2;

  private DrainerMain() {}

  /** Runs a Drainer until it is told to stop; answers the exit code. */
  public static int run(String[] arguments, SinkFactories sinks) {
    return run(List.of(arguments), System.getenv(), sinks);
  }

  static int run(List<String> arguments, Map<String, String> environment, SinkFactories sinks) {
    return NodeProcess.guard(
        "verifying flags failed. See 'drainer --help'.",
        () -> {
          DrainerConfig config = DrainerConfig.parse(arguments, environment);
          DrainerSettings settings = config.settings();
          Logging.configure(
              settings.log().level(),
              settings.log().file(),
              LogRotation.of(settings.log().rotate()));
          config.requireBuilt(settings);
          NodeProcess process = NodeProcess.begin("drainer");
          LastResort.forAllThreadsOf(process);
          NodeProcess.banner("Drainer", config.values());
          return process.end(live(settings, sinks, process));
        });
  }

  private static int live(DrainerSettings settings, SinkFactories sinks, NodeProcess process) {
    return NodeProcess.guard(
        "drainer failed",
        () -> {
          try (DrainerNode node = new DrainerNode(settings, process, Clock.system())) {
            OptionalInt endedEarly = start(node, sinks, process);
            return endedEarly.isPresent() ? endedEarly.getAsInt() : node.stop(process.awaitStop());
          }
        });
  }

  /** Empty when the node runs, else the exit code: a signal while it starts is an orderly stop. */
  private static OptionalInt start(DrainerNode node, SinkFactories sinks, NodeProcess process)
      throws InterruptedException {
    process.beginStart(node::leaveUnfinishedStart);
    try {
      node.start(sinks);
      return OptionalInt.empty();
    } catch (InterruptedException | RuntimeException e) {
      if (process.signalled()) {
        LOG.atInfo().addKeyValue("cause", e).log("start cut short");
        return OptionalInt.of(0);
      }
      if (e instanceof OperatorException || e instanceof RetryableException) {
        LOG.atError()
            .addMarker(Logging.FATAL)
            .addKeyValue("error", e.getMessage())
            .log("start drainer server failed");
        return OptionalInt.of(START_FAILED);
      }
      throw e;
    } finally {
      process.endStart();
    }
  }
}
