package org.tidbbinlog.pump.server;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.wire.cistern.CisternGrpc;
import org.tidbbinlog.wire.cistern.NotifyReq;

/**
 * Tells every online Drainer that a Pump has come, before TiDB writes to it: a Drainer that merges
 * without this Pump would run past its binlogs (I4). Source: pump-protocol section 9.
 */
final class DrainerNotify {
  private static final Logger LOG = LoggerFactory.getLogger(DrainerNotify.class);
  private static final Duration BUDGET = Duration.ofSeconds(10);
  private static final int TRIES = 3;
  private static final int EXIT_CODE = 2;

  private final Function<String, ManagedChannel> dial;
  private final Clock clock;

  /**
   * @param dial opens a channel to {@code host:port}
   */
  DrainerNotify(Function<String, ManagedChannel> dial, Clock clock) {
    this.dial = dial;
    this.clock = clock;
  }

  /** Returns when all have answered; 10 s for all together. */
  void notifyOnline(List<NodeStatus> drainers) throws InterruptedException {
    long deadlineNs = clock.nanoTime() + BUDGET.toNanos();
    for (NodeStatus drainer : drainers) {
      if (drainer.state() == NodeState.ONLINE) {
        notifyOne(drainer, deadlineNs);
      }
    }
  }

  private void notifyOne(NodeStatus drainer, long deadlineNs) throws InterruptedException {
    ManagedChannel channel = dial.apply(drainer.host());
    try {
      Duration wait = Duration.ofSeconds(1);
      for (int tried = 1; ; tried++, wait = wait.multipliedBy(2)) {
        try {
          long leftNs = deadlineNs - clock.nanoTime();
          CisternGrpc.newBlockingStub(channel)
              .withDeadlineAfter(leftNs, TimeUnit.NANOSECONDS)
              .notify(NotifyReq.getDefaultInstance());
          LOG.atInfo()
              .addKeyValue("drainer", drainer.nodeId())
              .addKeyValue("addr", drainer.host())
              .log("drainer notified");
          return;
        } catch (StatusRuntimeException e) {
          long leftNs = deadlineNs - clock.nanoTime() - wait.toNanos();
          if (tried == TRIES || leftNs <= 0) {
            throw failed(drainer, e);
          }
          clock.sleep(wait);
        }
      }
    } finally {
      channel.shutdownNow();
    }
  }

  private static OperatorException failed(NodeStatus drainer, StatusRuntimeException e) {
    return new OperatorException(
        "notify drainer "
            + drainer.nodeId()
            + " at "
            + drainer.host()
            + " failed: "
            + e.getStatus()
            + ": start it again, or set it paused or offline with binlogctl",
        EXIT_CODE);
  }
}
