package org.tidbbinlog.testkit.tikv;

import io.grpc.stub.StreamObserver;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.tidbbinlog.wire.kv.BatchCommandsEmptyResponse;
import org.tidbbinlog.wire.kv.BatchCommandsRequest;
import org.tidbbinlog.wire.kv.BatchCommandsResponse;

/**
 * One client's stream of calls, as Go clients make them: each goes to the service's own method, and
 * its answer back under the same number. Called by gRPC, one message at a time.
 */
final class BatchCommands implements StreamObserver<BatchCommandsRequest> {
  private final TikvService service;
  private final StreamObserver<BatchCommandsResponse> out;

  BatchCommands(TikvService service, StreamObserver<BatchCommandsResponse> out) {
    this.service = service;
    this.out = out;
  }

  @Override
  public void onNext(BatchCommandsRequest batch) {
    BatchCommandsResponse.Builder answers = BatchCommandsResponse.newBuilder();
    for (int i = 0; i < batch.getRequestsCount(); i++) {
      answers.addRequestIds(batch.getRequestIds(i)).addResponses(answer(batch.getRequests(i)));
    }
    out.onNext(answers.build());
  }

  private BatchCommandsResponse.Response answer(BatchCommandsRequest.Request request) {
    BatchCommandsResponse.Response.Builder response = BatchCommandsResponse.Response.newBuilder();
    switch (request.getCmdCase()) {
      case GET -> call(service::kvGet, request.getGet(), response::setGet);
      case SCAN -> call(service::kvScan, request.getScan(), response::setScan);
      case RESOLVE_LOCK ->
          call(service::kvResolveLock, request.getResolveLock(), response::setResolveLock);
      case CHECK_TXN_STATUS ->
          call(service::kvCheckTxnStatus, request.getCheckTxnStatus(), response::setCheckTxnStatus);
      case EMPTY ->
          response.setEmpty(
              BatchCommandsEmptyResponse.newBuilder().setTestId(request.getEmpty().getTestId()));
      case CMD_NOT_SET ->
          throw new UnsupportedOperationException(
              "a call in a batch that the double does not know");
    }
    return response.build();
  }

  private static <Q, A> void call(
      BiConsumer<Q, StreamObserver<A>> method, Q request, Consumer<A> answer) {
    method.accept(
        request,
        new StreamObserver<>() {
          @Override
          public void onNext(A value) {
            answer.accept(value);
          }

          @Override
          public void onError(Throwable cause) {
            throw new IllegalStateException(cause);
          }

          @Override
          public void onCompleted() {}
        });
  }

  @Override
  public void onError(Throwable cause) {
    // The client is gone.
  }

  @Override
  public void onCompleted() {
    out.onCompleted();
  }
}
