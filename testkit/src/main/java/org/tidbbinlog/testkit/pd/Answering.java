package org.tidbbinlog.testkit.pd;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicReference;

/**
 * How a double treats what it is asked; checked for every call and for every message of a stream.
 */
public enum Answering {
  /** As a healthy server. */
  NORMALLY,
  /** Each call fails with UNAVAILABLE at once. */
  REFUSING,
  /** Requests arrive and nothing ever comes back. */
  NEVER;

  /** Puts the current mode in front of all services of a port. */
  public static ServerInterceptor gate(AtomicReference<Answering> mode) {
    return new ServerInterceptor() {
      @Override
      public <I, O> ServerCall.Listener<I> interceptCall(
          ServerCall<I, O> call, Metadata headers, ServerCallHandler<I, O> next) {
        return switch (mode.get()) {
          case REFUSING -> {
            call.close(Status.UNAVAILABLE.withDescription("refusing for a while"), new Metadata());
            yield new ServerCall.Listener<>() {};
          }
          case NEVER -> new ServerCall.Listener<>() {};
          case NORMALLY ->
              new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
                @Override
                public void onMessage(I message) {
                  if (mode.get() == NORMALLY) {
                    super.onMessage(message);
                  } else if (mode.get() == NEVER) {
                    call.request(1);
                  } else {
                    call.close(
                        Status.UNAVAILABLE.withDescription("refusing for a while"), new Metadata());
                    super.onCancel();
                  }
                }
              };
        };
      }
    };
  }
}
