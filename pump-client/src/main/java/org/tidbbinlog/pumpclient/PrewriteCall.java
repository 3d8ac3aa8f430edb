package org.tidbbinlog.pumpclient;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.wire.pump.WriteBinlogReq;

/**
 * One Prewrite on its way: another Pump for each try, in the end each online Pump once more. Runs
 * on whatever thread brings the last answer, one step at a time. Source: pump-client section 5.
 */
final class PrewriteCall {
  private static final Logger LOG = LoggerFactory.getLogger(PrewriteCall.class);

  private final WriteContext on;
  private final Tso startTs;
  private final WriteBinlogReq request;
  private final CompletableFuture<Void> result = new CompletableFuture<>();
  private final long startNanos;
  private final int availableAtStart;
  private int tries;

  PrewriteCall(WriteContext on, Tso startTs, WriteBinlogReq request) {
    this.on = on;
    this.startTs = startTs;
    this.request = request;
    this.startNanos = on.clock().nanoTime();
    this.availableAtStart = on.pumps().availableCount();
  }

  CompletableFuture<Void> start() {
    tryNext();
    return result;
  }

  private void tryNext() {
    on.pumps()
        .select(startTs, tries)
        .ifPresentOrElse(this::send, () -> tryAllOnline(new NoPumpException()));
  }

  private void send(Pump pump) {
    tries++;
    var unused =
        pump.send(request, on.settings().writeTimeout())
            .thenAccept(reply -> guarded(() -> onReply(pump, reply)));
  }

  private void onReply(Pump pump, Reply reply) {
    if (reply.isOk()) {
      succeed(pump);
      return;
    }
    warn(pump, reply);
    on.pumps().dropUnusable();
    if (reply.isTooLarge()) {
      result.completeExceptionally(new BinlogTooLargeException(reply.text()));
    } else if (isOver()) {
      tryAllOnline(new WriteFailedException(reply.text()));
    } else {
      on.later(on.settings().prewritePause(), () -> guarded(this::tryNext));
    }
  }

  private boolean isOver() {
    Duration elapsed = Duration.ofNanos(on.clock().nanoTime() - startNanos);
    return elapsed.compareTo(on.settings().writeTimeout()) > 0 && tries > availableAtStart;
  }

  private void tryAllOnline(RuntimeException failure) {
    tryOneOf(new ArrayDeque<>(on.pumps().online()), failure);
  }

  private void tryOneOf(Deque<Pump> left, RuntimeException failure) {
    Pump pump = left.poll();
    if (pump == null) {
      result.completeExceptionally(failure);
      return;
    }
    pump.hangUp();
    var unused =
        pump.send(request, on.settings().writeTimeout())
            .thenAccept(
                reply ->
                    guarded(
                        () -> {
                          if (reply.isOk()) {
                            on.pumps().revive(pump);
                            succeed(pump);
                          } else {
                            warn(pump, reply);
                            tryOneOf(left, new WriteFailedException(reply.text()));
                          }
                        }));
  }

  private void succeed(Pump pump) {
    on.memory().remember(startTs, pump);
    result.complete(null);
  }

  private void warn(Pump pump, Reply reply) {
    LOG.atWarn()
        .addKeyValue("nodeId", pump.status().nodeId())
        .addKeyValue("startTs", startTs)
        .addKeyValue("try", tries)
        .addKeyValue("error", reply.text())
        .log("[pumps client] write prewrite binlog failed");
  }

  private void guarded(Runnable step) {
    try {
      step.run();
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(new RetryableException("pump client is closed", e));
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(e);
    }
  }
}
