package org.tidbbinlog.node.server;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.util.Optional;

/**
 * Refuses requests over a size with the text that TiDB looks for; grpc-java's own limit words it
 * otherwise, and TiDB would then take the Pump for broken. Source: pump-protocol section 8, fact
 * 12. What comes uncompressed never gets here, {@link LengthGuard} has refused it; what remains are
 * messages that outgrow the limit while they are unpacked.
 *
 * <p>A marshaller cannot refuse with a status of its own, so messages travel as {@link Sized} up to
 * the call's listener, which closes the call.
 */
final class MessageLimit {
  private MessageLimit() {}

  static ServerServiceDefinition apply(ServerServiceDefinition service, long maxBytes) {
    if (maxBytes >= Integer.MAX_VALUE) {
      return service;
    }
    ServerServiceDefinition.Builder limited =
        ServerServiceDefinition.builder(service.getServiceDescriptor().getName());
    service.getMethods().forEach(method -> limited.addMethod(limited(method, maxBytes)));
    return limited.build();
  }

  private static <Q, A> ServerMethodDefinition<Sized<Q>, A> limited(
      ServerMethodDefinition<Q, A> method, long maxBytes) {
    MethodDescriptor<Q, A> inner = method.getMethodDescriptor();
    MethodDescriptor<Sized<Q>, A> outer =
        inner.toBuilder(
                new SizedMarshaller<>(inner.getRequestMarshaller(), maxBytes),
                inner.getResponseMarshaller())
            .build();
    ServerCallHandler<Q, A> handler = method.getServerCallHandler();
    return ServerMethodDefinition.create(
        outer,
        (call, headers) ->
            new Guard<>(call, handler.startCall(new Unwrapped<>(call, inner), headers), maxBytes));
  }

  /**
   * A request, or only its size when it is too large.
   *
   * @param bytes what was seen of it
   */
  record Sized<Q>(Optional<Q> message, long bytes) {}

  /** Passes on what fits; closes the call on the first message that does not. */
  private static final class Guard<Q> extends ServerCall.Listener<Sized<Q>> {
    private final ServerCall<Sized<Q>, ?> call;
    private final ServerCall.Listener<Q> inner;
    private final long maxBytes;
    private boolean refused;

    Guard(ServerCall<Sized<Q>, ?> call, ServerCall.Listener<Q> inner, long maxBytes) {
      this.call = call;
      this.inner = inner;
      this.maxBytes = maxBytes;
    }

    @Override
    public void onMessage(Sized<Q> sized) {
      if (sized.message.isPresent()) {
        inner.onMessage(sized.message.get());
      } else if (!refused) {
        refused = true;
        String text =
            "grpc: received message larger than max (" + sized.bytes + " vs. " + maxBytes + ")";
        call.close(Status.RESOURCE_EXHAUSTED.withDescription(text), new Metadata());
      }
    }

    @Override
    public void onHalfClose() {
      if (!refused) {
        inner.onHalfClose();
      }
    }

    @Override
    public void onCancel() {
      inner.onCancel();
    }

    @Override
    public void onComplete() {
      inner.onComplete();
    }

    @Override
    public void onReady() {
      inner.onReady();
    }
  }
}
