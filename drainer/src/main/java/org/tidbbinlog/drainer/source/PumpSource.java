package org.tidbbinlog.drainer.source;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.pull.PullGap;
import org.tidbbinlog.drainer.merge.MergeInput;
import org.tidbbinlog.node.process.DaemonThread;

/**
 * Pulls one Pump, for as long as it is part of the cluster: dials, streams, and dials again from
 * the last timestamp received. One thread each, which only waits; data comes on gRPC's threads.
 *
 * <p>A connection on which no byte comes for long is given up and dialled anew: Go Pumps punish
 * frequent pings, and a new pull is harmless. Source: drainer section 7, pump-protocol section 8.
 */
final class PumpSource implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PumpSource.class);
  private static final Duration LOOK_AROUND = Duration.ofMillis(500);
  private static final String WRONG_CLUSTER = "cluster ID are mismatch";

  /** Since when a Pump is part of the merge. */
  enum Presence {
    FROM_START,
    JOINED_LATER
  }

  /** What the directory wants of this source. */
  private enum Wish {
    PULL,
    /** An open stream goes on, a broken one is not dialled again. */
    PAUSE,
    STOP
  }

  private final MergeInput<PulledBinlog> input;
  private final PumpDialer dialer;
  private final SourceSettings settings;
  private final Clock clock;
  private final Consumer<PulledBinlog> observer;
  private final Presence presence;
  private final Tso joinedAt;
  private final Thread thread;
  private final Object wishes = new Object();
  private Wish wish = Wish.PULL;
  private String host;

  PumpSource(
      MergeInput<PulledBinlog> input,
      String host,
      Presence presence,
      PumpDialer dialer,
      SourceSettings settings,
      Clock clock,
      Consumer<PulledBinlog> observer,
      Consumer<Throwable> onFailure) {
    this.input = input;
    this.host = host;
    this.presence = presence;
    this.joinedAt = input.received();
    this.dialer = dialer;
    this.settings = settings;
    this.clock = clock;
    this.observer = observer;
    this.thread = DaemonThread.named("drainer-source-" + input.nodeId(), this::run, onFailure);
  }

  void start() {
    thread.start();
  }

  void pause() {
    wish(Wish.PAUSE);
  }

  void resume() {
    wish(Wish.PULL);
  }

  /** The registry shows another address for the same node. */
  void address(String newHost) {
    synchronized (wishes) {
      if (!host.equals(newHost)) {
        LOG.atInfo()
            .addKeyValue("pump", input.nodeId())
            .addKeyValue("from", host)
            .addKeyValue("to", newHost)
            .log("pump address changed");
        host = newHost;
      }
    }
  }

  /** The newest timestamp received. */
  Tso received() {
    return input.received();
  }

  @Override
  public void close() {
    wish(Wish.STOP);
    thread.interrupt();
  }

  private void wish(Wish next) {
    synchronized (wishes) {
      if (wish != Wish.STOP) {
        wish = next;
        wishes.notifyAll();
      }
    }
  }

  private Wish currentWish() {
    synchronized (wishes) {
      return wish;
    }
  }

  private String currentHost() {
    synchronized (wishes) {
      return host;
    }
  }

  private void run() throws InterruptedException {
    while (awaitPullWanted()) {
      pullOnce();
      clock.sleep(settings.redialDelay());
    }
  }

  private boolean awaitPullWanted() throws InterruptedException {
    synchronized (wishes) {
      while (wish == Wish.PAUSE) {
        wishes.wait();
      }
      return wish == Wish.PULL;
    }
  }

  private void pullOnce() throws InterruptedException {
    String dialled = currentHost();
    Tso from = input.received();
    ManagedChannel channel = dialer.dial(dialled);
    try (PullStream stream = new PullStream(input, channel, settings, clock, observer)) {
      stream.start(from, gap(from));
      LOG.atInfo()
          .addKeyValue("pump", input.nodeId())
          .addKeyValue("host", dialled)
          .addKeyValue("from", from)
          .log("pull stream opened");
      Optional<Status> end = stream.awaitEnd(LOOK_AROUND);
      while (end.isEmpty() && !isGivenUp(stream, dialled)) {
        end = stream.awaitEnd(LOOK_AROUND);
      }
      if (end.isPresent()) {
        stream.gap().ifPresent(this::refuseGap);
        report(end.get());
      }
    }
  }

  /** A Pump that joins late may well have collected what was before it: nothing of it is missed. */
  private PullStream.Gap gap(Tso from) {
    boolean wasThere = presence == Presence.FROM_START || from.isAfter(joinedAt);
    return wasThere ? PullStream.Gap.REFUSE : PullStream.Gap.ACCEPT;
  }

  private boolean isGivenUp(PullStream stream, String dialled) {
    boolean halfOpen = stream.isHalfOpen();
    if (halfOpen) {
      LOG.atInfo()
          .addKeyValue("pump", input.nodeId())
          .addKeyValue("silence", settings.silenceLimit())
          .log("pull stream is silent, dialling again");
    }
    return halfOpen || currentWish() == Wish.STOP || !currentHost().equals(dialled);
  }

  /** I9: nothing is applied past what is gone; an operator decides what to make of it. */
  private void refuseGap(PullGap gap) {
    throw new OperatorException(
        "pump "
            + input.nodeId()
            + " no longer has the binlogs after commit ts "
            + gap.fromExclusive()
            + " ("
            + gap.fromExclusive().instant()
            + ") up to "
            + gap.to()
            + " ("
            + gap.to().instant()
            + "), which this drainer has not applied: nothing past them is. Ways out: copy the"
            + " source's data anew and start from that copy's commit ts; or, when the target may"
            + " do without them, remove the checkpoint and start with -initial-commit-ts="
            + gap.to()
            + ". To not meet this again: a longer gc on the pumps, no gc-hard-cap, and this"
            + " drainer paused rather than offline while it is away");
  }

  /** Passing faults are logged and dialled again; the others stop the Drainer. */
  private void report(Status status) {
    if (status.getCause() instanceof OperatorException cause) {
      throw cause;
    }
    String text = String.valueOf(status.getDescription());
    switch (status.getCode()) {
      case OUT_OF_RANGE, FAILED_PRECONDITION, DATA_LOSS ->
          throw new OperatorException("pump " + input.nodeId() + " cannot serve on: " + text);
      default -> {
        if (text.contains(WRONG_CLUSTER)) {
          throw new OperatorException(
              "pump " + input.nodeId() + " belongs to another cluster: " + text);
        }
      }
    }
    LOG.atWarn()
        .addKeyValue("pump", input.nodeId())
        .addKeyValue("status", status.getCode())
        .addKeyValue("error", text)
        .addKeyValue("last", input.received())
        .log("pull stream ended, dialling again");
  }
}
