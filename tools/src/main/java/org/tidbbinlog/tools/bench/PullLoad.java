package org.tidbbinlog.tools.bench;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.wire.pump.Pos;
import org.tidbbinlog.wire.pump.PullBinlogReq;
import org.tidbbinlog.wire.pump.PumpGrpc;

/**
 * One Drainer's stream from a timestamp on, until enough transactions came. Checked on the
 * connection's event loop; results may be read when {@link #await} has returned.
 */
final class PullLoad extends ClientCall.Listener<Pulled> {
  private static final MethodDescriptor<PullBinlogReq, Pulled> PULL =
      PumpGrpc.getPullBinlogsMethod().toBuilder(
              PumpGrpc.getPullBinlogsMethod().getRequestMarshaller(), new Pulled.Reader())
          .build();

  private final ClientCall<PullBinlogReq, Pulled> call;
  private final PullCheck check;
  private final long wanted;
  private final CountDownLatch over = new CountDownLatch(1);
  private final long beginNs = System.nanoTime();
  private volatile long endNs;
  private volatile long records;
  private volatile String failure = "";
  private boolean asked;

  private PullLoad(ClientCall<PullBinlogReq, Pulled> call, PullCheck check, long wanted) {
    this.call = call;
    this.check = check;
    this.wanted = wanted;
  }

  static PullLoad start(
      Channel channel, long clusterId, long fromTs, PullCheck check, long wanted) {
    ClientCall<PullBinlogReq, Pulled> call =
        channel.newCall(PULL, CallOptions.DEFAULT.withExecutor(Runnable::run));
    PullLoad load = new PullLoad(call, check, wanted);
    call.start(load, new Metadata());
    // No bound on messages: HTTP/2 windows hold the Pump back, as they do for a Drainer.
    call.request(Integer.MAX_VALUE);
    call.sendMessage(
        PullBinlogReq.newBuilder()
            .setClusterID(clusterId)
            .setStartFrom(Pos.newBuilder().setOffset(fromTs))
            .build());
    call.halfClose();
    load.asked();
    return load;
  }

  /**
   * All may have come, or an error, before the request is whole; a call must not be cancelled under
   * the thread that still sends it.
   */
  private synchronized void asked() {
    asked = true;
    if (over.getCount() == 0) {
      cancel();
    }
  }

  @Override
  public void onMessage(Pulled record) {
    if (over.getCount() == 0) {
      return;
    }
    String wrong = check.wrong(record);
    if (!wrong.isEmpty()) {
      end("pull: " + wrong);
    } else if (check.records() == wanted) {
      end("");
    }
    records = check.records();
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    if (over.getCount() > 0) {
      end("pull ended with " + status + " after " + check.records() + " of " + wanted);
    }
  }

  private synchronized void end(String why) {
    failure = why;
    records = check.records();
    endNs = System.nanoTime();
    over.countDown();
    if (asked) {
      cancel();
    }
  }

  /** Ends it early. */
  void cancel() {
    call.cancel("enough", null);
  }

  /** Transactions so far. */
  long records() {
    return records;
  }

  /** Whether it is over before the time is. */
  boolean await(Duration limit) throws InterruptedException {
    return over.await(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Only when it is over.
   *
   * @throws OperatorException when it broke, or something was wrong with what came
   */
  void requireGood() {
    if (!failure.isEmpty()) {
      throw new OperatorException(failure);
    }
  }

  /** What came; only when it is over. */
  PullResult result() {
    requireGood();
    return new PullResult(check.records(), check.bytes(), (endNs - beginNs) / 1e9);
  }
}
