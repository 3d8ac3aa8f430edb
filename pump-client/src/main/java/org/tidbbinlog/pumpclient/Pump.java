package org.tidbbinlog.pumpclient;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.wire.pump.PumpGrpc;
import org.tidbbinlog.wire.pump.WriteBinlogReq;
import org.tidbbinlog.wire.pump.WriteBinlogResp;

/**
 * One Pump: what the registry says of it, its connection, and how it did lately. Lives as long as a
 * transaction remembers it, also after it left the registry. Takes its own lock.
 */
final class Pump {
  /** More consecutive errors than this make a Pump unusable. */
  static final int MAX_ERRORS = 10;

  private static final double SMOOTHING = 0.1;

  private final Function<String, ManagedChannel> dial;
  private final Clock clock;
  private NodeStatus status;
  private Optional<ManagedChannel> channel = Optional.empty();
  private int errors;
  private int inFlight;
  private double responseNanos = 1;

  Pump(NodeStatus status, Function<String, ManagedChannel> dial, Clock clock) {
    this.status = status;
    this.dial = dial;
    this.clock = clock;
  }

  synchronized NodeStatus status() {
    return status;
  }

  /** Takes over the registry's newest word. */
  synchronized void status(NodeStatus newest) {
    status = newest;
  }

  synchronized boolean isOnline() {
    return status.state() == NodeState.ONLINE;
  }

  synchronized boolean isUsable() {
    return isOnline() && errors <= MAX_ERRORS;
  }

  synchronized int errors() {
    return errors;
  }

  /** Smaller = should answer earlier. */
  synchronized double score() {
    return (inFlight + 1) * responseNanos;
  }

  /** Forgets errors and dials anew on next use; calls under way may end on the old connection. */
  synchronized void reset() {
    errors = 0;
    hangUp();
  }

  synchronized void hangUp() {
    channel.ifPresent(ManagedChannel::shutdown);
    channel = Optional.empty();
  }

  synchronized void close() {
    channel.ifPresent(ManagedChannel::shutdownNow);
    channel = Optional.empty();
  }

  /** One call; the result never fails exceptionally. */
  CompletableFuture<Reply> send(WriteBinlogReq request, Duration limit) {
    CompletableFuture<Reply> result = new CompletableFuture<>();
    long startNanos = clock.nanoTime();
    PumpGrpc.PumpStub stub;
    synchronized (this) {
      inFlight++;
      try {
        stub = PumpGrpc.newStub(connected());
      } catch (OperatorException badAddress) {
        Reply reply = new Reply(Status.UNAVAILABLE.withDescription(badAddress.getMessage()), "");
        learn(reply, 0);
        return CompletableFuture.completedFuture(reply);
      }
    }
    stub.withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS)
        .writeBinlog(
            request,
            new StreamObserver<>() {
              private Reply reply = Reply.OK;

              @Override
              public void onNext(WriteBinlogResp response) {
                reply = new Reply(Status.OK, response.getErrmsg());
              }

              @Override
              public void onError(Throwable failure) {
                finish(new Reply(Status.fromThrowable(failure), ""));
              }

              @Override
              public void onCompleted() {
                finish(reply);
              }

              private void finish(Reply last) {
                learn(last, clock.nanoTime() - startNanos);
                result.complete(last);
              }
            });
    return result;
  }

  private ManagedChannel connected() {
    if (channel.isEmpty()) {
      channel = Optional.of(dial.apply(status.host()));
    }
    return channel.get();
  }

  private synchronized void learn(Reply reply, long nanos) {
    inFlight--;
    responseNanos += SMOOTHING * (nanos - responseNanos);
    if (reply.isOk()) {
      errors = 0;
    } else if (reply.countsAgainstPump()) {
      errors++;
    }
    if (reply.isConnectionLost()) {
      hangUp();
    }
  }
}
