package org.tidbbinlog.cluster.etcd;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/** A bidirectional stream used for one request and its reply; the call's deadline bounds it. */
final class OneReply {
  private OneReply() {}

  static <I, O> O of(Function<StreamObserver<O>, StreamObserver<I>> open, I request) {
    CompletableFuture<O> reply = new CompletableFuture<>();
    StreamObserver<I> requests =
        open.apply(
            new StreamObserver<>() {
              @Override
              public void onNext(O value) {
                reply.complete(value);
              }

              @Override
              public void onError(Throwable failure) {
                reply.completeExceptionally(failure);
              }

              @Override
              public void onCompleted() {
                reply.completeExceptionally(
                    Status.UNAVAILABLE.withDescription("stream ended").asRuntimeException());
              }
            });
    requests.onNext(request);
    requests.onCompleted();
    try {
      return reply.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof StatusRuntimeException status
          ? status
          : Status.fromThrowable(e).asRuntimeException();
    }
  }
}
