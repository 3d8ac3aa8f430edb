package org.tidbbinlog.drainer.server;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.drainer.pipeline.Pipeline;
import org.tidbbinlog.node.process.StopReason;

/** How an orderly stop ended, and what the exit code and the registry say of it (decision 0077). */
enum OrderlyEnd {
  CONSISTENT,
  /** The target has more than the checkpoint says, from before this start. */
  TARGET_AHEAD,
  /** Nobody has chosen yet for what is held. */
  DDL_HELD,
  /** The target did not finish in time. */
  NOT_DRAINED;

  static final Duration LIMIT = Duration.ofSeconds(30);

  private static final Logger LOG = LoggerFactory.getLogger(OrderlyEnd.class);

  /**
   * @param held whether a DDL is held
   */
  static OrderlyEnd of(Pipeline.Stopped stopped, boolean held) {
    return switch (stopped) {
      case CONSISTENT -> CONSISTENT;
      case TARGET_AHEAD -> TARGET_AHEAD;
      case NOT_DRAINED -> held ? DDL_HELD : NOT_DRAINED;
    };
  }

  /** Tells why it is not 0, or not all that was wanted. */
  int exitCode(StopReason why) {
    return switch (this) {
      case CONSISTENT -> 0;
      case TARGET_AHEAD -> {
        LOG.atWarn()
            .log(
                "target has parts of transactions behind the checkpoint, from before this start;"
                    + " the next start ends them");
        yield why == StopReason.CLOSE ? 1 : 0;
      }
      case DDL_HELD -> {
        LOG.atWarn().log("drainer stops while a DDL is held; the next start holds it again");
        yield why == StopReason.CLOSE ? 1 : 0;
      }
      case NOT_DRAINED -> {
        LOG.atError()
            .addKeyValue("limit", LIMIT)
            .log("target did not finish in time; the next start goes on from the checkpoint");
        yield 1;
      }
    };
  }

  /** Pumps hold nothing for an offline Drainer: who has not applied everything is paused (I8). */
  static NodeState lastState(StopReason why, int exitCode) {
    if (why == StopReason.CLOSE && exitCode != 0) {
      LOG.atError().log("drainer is left paused, not offline: it did not apply all it had taken");
    }
    return why == StopReason.CLOSE && exitCode == 0 ? NodeState.OFFLINE : NodeState.PAUSED;
  }
}
