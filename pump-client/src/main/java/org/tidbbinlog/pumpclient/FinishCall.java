package org.tidbbinlog.pumpclient;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.wire.pump.WriteBinlogReq;

/**
 * One Commit or Rollback on its way to the Pump that has the Prewrite. Never fails: when it is
 * given up, that Pump finds out from TiKV. Source: pump-client section 5.
 */
final class FinishCall {
  private static final Logger LOG = LoggerFactory.getLogger(FinishCall.class);

  private final WriteContext on;
  private final Tso startTs;
  private final Pump pump;
  private final WriteBinlogReq request;
  private final CompletableFuture<Void> result = new CompletableFuture<>();
  private final long startNanos;
  private boolean repeating;

  FinishCall(WriteContext on, Tso startTs, Pump pump, WriteBinlogReq request) {
    this.on = on;
    this.startTs = startTs;
    this.pump = pump;
    this.request = request;
    this.startNanos = on.clock().nanoTime();
  }

  CompletableFuture<Void> start() {
    send();
    return result;
  }

  private void send() {
    var unused =
        pump.send(request, on.settings().writeTimeout()).thenAccept(reply -> onReply(reply));
  }

  private void onReply(Reply reply) {
    if (reply.isOk()) {
      finish();
      return;
    }
    on.pumps().dropUnusable();
    if (!repeating && !on.mayRepeatOneMore()) {
      giveUp("too many others are being repeated", reply);
      return;
    }
    repeating = true;
    Duration elapsed = Duration.ofNanos(on.clock().nanoTime() - startNanos);
    if (elapsed.compareTo(on.settings().finishLimit()) > 0) {
      giveUp("tried for " + elapsed.toSeconds() + " s", reply);
      return;
    }
    try {
      on.later(on.settings().finishPause(), this::send);
    } catch (RejectedExecutionException closed) {
      giveUp("pump client is closed", reply);
    }
  }

  private void giveUp(String why, Reply reply) {
    LOG.atWarn()
        .addKeyValue("nodeId", pump.status().nodeId())
        .addKeyValue("startTs", startTs)
        .addKeyValue("reason", why)
        .addKeyValue("error", reply.text())
        .log("[pumps client] commit or rollback binlog given up, pump will ask tikv");
    finish();
  }

  private void finish() {
    if (repeating) {
      on.repeatedOneLess();
    }
    on.memory().forget(startTs);
    result.complete(null);
  }
}
