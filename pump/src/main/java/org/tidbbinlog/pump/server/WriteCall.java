package org.tidbbinlog.pump.server;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.RejectedExecutionException;
import org.tidbbinlog.node.process.DaemonThread;
import org.tidbbinlog.pump.storage.AppendCallback;
import org.tidbbinlog.wire.pump.WriteBinlogResp;

/**
 * One WriteBinlog call. Starts on the event loop, which it never blocks, and is answered on the
 * storage writer's thread once the record is durable (I2). Errors are gRPC statuses, as on the wire
 * of the original; {@code errmsg} stays empty. Source: pump-protocol section 5.
 */
final class WriteCall extends ServerCall.Listener<WriteRequest> implements AppendCallback {
  private final ServerCall<WriteRequest, WriteBinlogResp> call;
  private final WriteGate gate;
  private final long startedNs;
  private volatile Runnable free = () -> {};

  WriteCall(ServerCall<WriteRequest, WriteBinlogResp> call, WriteGate gate) {
    this.call = call;
    this.gate = gate;
    this.startedNs = gate.nanoTime();
    call.request(1);
  }

  @Override
  public void onMessage(WriteRequest request) {
    request.reach(this);
  }

  void write(WriteRequest.Read request) {
    free = request.free();
    try {
      gate.write(request.clusterId(), request.payload(), this);
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  void spillThenWrite(WriteRequest.Large request) {
    try {
      gate.spiller().execute(() -> readOffLoop(request));
    } catch (RejectedExecutionException e) {
      closeQuietly(request.message());
      fail(Status.UNKNOWN.withDescription("too many large binlogs at once, or closing"));
    }
  }

  private void readOffLoop(WriteRequest.Large request) {
    try (InputStream message = request.message()) {
      gate.spill().read(message, Integer.MAX_VALUE, gate).reach(this);
    } catch (IOException e) {
      fail(WriteRequest.statusOf(e));
    } catch (RuntimeException | Error e) {
      failed(DaemonThread.unchecked(e)); // A full disk under a mapped file is an InternalError.
    }
  }

  /** The words TiDB looks for to blame the statement, not the Pump. */
  void refuseOversize(WriteRequest.Oversize request) {
    fail(
        Status.RESOURCE_EXHAUSTED.withDescription(
            "grpc: received message larger than max ("
                + request.sizeBytes()
                + " vs. "
                + request.limitBytes()
                + ")"));
  }

  @Override
  public void durable() {
    try {
      gate.succeeded(startedNs);
      call.sendHeaders(new Metadata());
      call.sendMessage(WriteBinlogResp.getDefaultInstance());
      call.close(Status.OK, new Metadata());
    } finally {
      free.run();
    }
  }

  @Override
  public void failed(RuntimeException cause) {
    try {
      fail(gate.statusOf(cause));
    } finally {
      free.run();
    }
  }

  void fail(Status status) {
    gate.failed(startedNs);
    call.close(status, new Metadata());
  }

  private static void closeQuietly(InputStream stream) {
    try {
      stream.close();
    } catch (IOException e) {
      throw new IllegalStateException("buffers of the transport cannot be released", e);
    }
  }
}
