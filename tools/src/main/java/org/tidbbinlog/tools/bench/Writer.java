package org.tidbbinlog.tools.bench;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.tidbbinlog.wire.pump.PumpGrpc;
import org.tidbbinlog.wire.pump.WriteBinlogResp;

/**
 * One session of a TiDB: a Prewrite, when it is acknowledged a Commit with a later timestamp, then
 * the next transaction. It has no thread: the connection's event loop carries it from answer to
 * request.
 */
final class Writer {
  private static final MethodDescriptor<Request, WriteBinlogResp> WRITE =
      PumpGrpc.getWriteBinlogMethod().toBuilder(
              new Request.Writer(), PumpGrpc.getWriteBinlogMethod().getResponseMarshaller())
          .build();
  private static final CallOptions ON_EVENT_LOOP = CallOptions.DEFAULT.withExecutor(Runnable::run);

  private final Channel channel;
  private final WriteLoad load;
  private long number;
  private long startTs;

  Writer(Channel channel, WriteLoad load) {
    this.channel = channel;
    this.load = load;
  }

  /** Begins the next transaction, or ends when there is none. */
  void next() {
    number = load.takeNumber();
    if (number == WriteLoad.NO_MORE) {
      load.writerEnded();
      return;
    }
    startTs = load.oracle().next();
    long sentNs = System.nanoTime();
    call(
        load.transactions().prewrite(number, startTs),
        () -> {
          load.prewritten(System.nanoTime() - sentNs);
          commit();
        });
  }

  private void commit() {
    long commitTs = load.oracle().next();
    call(
        load.transactions().commit(number, startTs, commitTs),
        () -> {
          load.committed(number, commitTs);
          next();
        });
  }

  private void call(Request request, Runnable onSuccess) {
    ClientCall<Request, WriteBinlogResp> call = channel.newCall(WRITE, ON_EVENT_LOOP);
    call.start(new Answer(onSuccess), new Metadata());
    call.request(2);
    call.sendMessage(request);
    call.halfClose();
  }

  private final class Answer extends ClientCall.Listener<WriteBinlogResp> {
    private final Runnable onSuccess;
    private String error = "";

    Answer(Runnable onSuccess) {
      this.onSuccess = onSuccess;
    }

    @Override
    public void onMessage(WriteBinlogResp message) {
      error = message.getErrmsg();
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (status.isOk() && error.isEmpty()) {
        onSuccess.run();
      } else {
        load.failed(status.isOk() ? error : status.toString());
        load.writerEnded();
      }
    }
  }
}
