package org.tidbbinlog.cluster.pd;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.net.Links;
import org.tidbbinlog.wire.pd.PDGrpc;
import org.tidbbinlog.wire.pd.RequestHeader;
import org.tidbbinlog.wire.pd.Timestamp;
import org.tidbbinlog.wire.pd.TsoRequest;
import org.tidbbinlog.wire.pd.TsoResponse;

/** One stream to the PD that led when it was opened; one request in flight at a time. */
final class TsoStream {
  static final TsoStream NONE = new TsoStream(RequestHeader.getDefaultInstance(), "", silent -> {});

  private final RequestHeader header;
  private final String leader;
  private final Consumer<String> onSilence;
  private final ArrayBlockingQueue<Reply> replies = new ArrayBlockingQueue<>(2);
  private final Context.CancellableContext context = Context.ROOT.withCancellation();
  private @Nullable StreamObserver<TsoRequest> requests;

  /** Exactly one of the two is set. */
  private record Reply(@Nullable TsoResponse response, @Nullable Throwable failure) {}

  /** Timestamps of one round trip: {@code first}, then each {@code step} later. */
  record Range(Tso first, Tso last, long step) {
    Tso at(int index) {
      return new Tso(first.value() + index * step);
    }

    /** The reply names the last of {@code count}; the low suffix bits are the same for all. */
    static Range of(Timestamp reply, int count) {
      Tso last = Tso.of(reply.getPhysical(), reply.getLogical());
      long step = 1L << reply.getSuffixBits();
      return new Range(new Tso(last.value() - (count - 1) * step), last, step);
    }
  }

  private TsoStream(RequestHeader header, String leader, Consumer<String> onSilence) {
    this.header = header;
    this.leader = leader;
    this.onSilence = onSilence;
  }

  static TsoStream open(PdClient pd, Links links) {
    String leader = pd.board().current().leader().orElseThrow();
    TsoStream stream = new TsoStream(pd.header(), leader, links::drop);
    Context before = stream.context.attach();
    try {
      stream.requests = PDGrpc.newStub(links.to(leader)).tso(stream.new Inbound());
    } finally {
      stream.context.detach(before);
    }
    return stream;
  }

  boolean isUsable() {
    return requests != null;
  }

  Range take(int count, Duration limit) throws InterruptedException {
    StreamObserver<TsoRequest> out = requests;
    if (out == null) {
      throw new RetryableException("no timestamp stream");
    }
    out.onNext(TsoRequest.newBuilder().setHeader(header).setCount(count).build());
    Reply reply = replies.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
    if (reply == null) {
      onSilence.accept(leader);
      throw new RetryableException("PD " + leader + " gave no timestamp within " + limit);
    }
    if (reply.response() == null) {
      throw new RetryableException("PD " + leader + " gave no timestamp: " + reply.failure());
    }
    TsoResponse response = reply.response();
    if (response.getCount() != count) {
      throw new RetryableException(
          "PD " + leader + " gave " + response.getCount() + " timestamps, not " + count);
    }
    return Range.of(response.getTimestamp(), count);
  }

  void close() {
    requests = null;
    context.cancel(Status.CANCELLED.withDescription("timestamp stream closed").asException());
  }

  private final class Inbound implements StreamObserver<TsoResponse> {
    @Override
    public void onNext(TsoResponse response) {
      var unused = replies.offer(new Reply(response, null));
    }

    @Override
    public void onError(Throwable failure) {
      var unused = replies.offer(new Reply(null, failure));
    }

    @Override
    public void onCompleted() {
      onError(Status.UNAVAILABLE.withDescription("stream ended").asException());
    }
  }
}
