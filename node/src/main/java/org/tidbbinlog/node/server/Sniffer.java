package org.tidbbinlog.node.server;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.InternalProtocolNegotiators;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at a connection's first bytes and puts the right handlers behind itself. Lives on the
 * connection's network thread.
 *
 * <pre>
 *  accepted ─▶ (TLS handshake) ─▶ "PRI * HTTP/2.0" ─▶ gRPC
 *                              └▶ anything else    ─▶ HTTP/1.1
 * </pre>
 *
 * grpc-netty sends its negotiation event before any byte: it is held here and sent again once
 * gRPC's own handler is in place. A connection that stays silent is closed after {@link
 * #SILENCE_SECONDS}.
 */
final class Sniffer extends ChannelInboundHandlerAdapter {
  /** As long as the original waits for the first bytes. */
  static final int SILENCE_SECONDS = 10;

  private static final Logger LOG = LoggerFactory.getLogger(Sniffer.class);
  private static final byte[] PREFACE = "PRI * HTTP/2.0".getBytes(StandardCharsets.US_ASCII);

  private final Optional<SslContext> ssl;
  private final GrpcHttp2ConnectionHandler grpc;
  private final HttpSide http;
  private ByteBuf seen = Unpooled.EMPTY_BUFFER;
  private @Nullable Object negotiation;
  private @Nullable ScheduledFuture<?> silence;
  private boolean decided;

  Sniffer(Optional<SslContext> ssl, GrpcHttp2ConnectionHandler grpc, HttpSide http) {
    this.ssl = ssl;
    this.grpc = grpc;
    this.http = http;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    silence = ctx.executor().schedule(() -> close(ctx), SILENCE_SECONDS, TimeUnit.SECONDS);
    ssl.ifPresent(
        context -> ctx.pipeline().addBefore(ctx.name(), null, context.newHandler(ctx.alloc())));
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (silence != null) {
      silence.cancel(false);
    }
    seen.release();
    seen = Unpooled.EMPTY_BUFFER;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      onHandshake(ctx, handshake);
    } else if (isNegotiation(event)) {
      negotiation = event;
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  private void onHandshake(ChannelHandlerContext ctx, SslHandshakeCompletionEvent handshake) {
    if (!handshake.isSuccess()) {
      LOG.atWarn()
          .addKeyValue("peer", ctx.channel().remoteAddress())
          .addKeyValue("error", rootMessage(handshake.cause()))
          .log("TLS handshake failed");
      close(ctx);
    } else if ("h2".equals(ctx.pipeline().get(SslHandler.class).applicationProtocol())) {
      toGrpc(ctx);
    }
  }

  private static String rootMessage(Throwable error) {
    Throwable cause = error;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.toString();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (decided) {
      ctx.fireChannelRead(message);
      return;
    }
    seen = ctx.alloc().compositeBuffer().addComponents(true, seen, (ByteBuf) message);
    int length = Math.min(seen.readableBytes(), PREFACE.length);
    for (int i = 0; i < length; i++) {
      if (seen.getByte(seen.readerIndex() + i) != PREFACE[i]) {
        toHttp(ctx);
        return;
      }
    }
    if (length == PREFACE.length) {
      toGrpc(ctx);
    }
  }

  private void toGrpc(ChannelHandlerContext ctx) {
    decided = true;
    Object event =
        negotiation == null ? InternalProtocolNegotiationEvent.getDefault() : negotiation;
    ByteBuf first = seen.retain();
    ChannelPipeline pipeline = ctx.pipeline();
    pipeline.addAfter(ctx.name(), null, InternalProtocolNegotiators.grpcNegotiationHandler(grpc));
    ctx.fireUserEventTriggered(event);
    handOver(ctx, first);
  }

  private void toHttp(ChannelHandlerContext ctx) {
    decided = true;
    ByteBuf first = seen.retain();
    ChannelPipeline pipeline = ctx.pipeline();
    // it would hold back every write until gRPC's handshake is over
    for (ChannelHandler handler : pipeline.toMap().values()) {
      if (handler.getClass().getSimpleName().equals("WriteBufferingAndExceptionHandler")) {
        pipeline.remove(handler);
      }
    }
    http.install(ctx);
    handOver(ctx, first);
  }

  /** The bytes already read go on from here, behind a TLS handler if there is one. */
  private void handOver(ChannelHandlerContext ctx, ByteBuf first) {
    if (first.isReadable()) {
      ctx.fireChannelRead(first);
      ctx.fireChannelReadComplete();
    } else {
      first.release();
    }
    ctx.pipeline().remove(this);
  }

  private static boolean isNegotiation(Object event) {
    return event.getClass() == InternalProtocolNegotiationEvent.getDefault().getClass();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.atDebug()
        .addKeyValue("peer", ctx.channel().remoteAddress())
        .addKeyValue("error", cause)
        .log("connection failed before its first request");
    close(ctx);
  }

  private static void close(ChannelHandlerContext ctx) {
    var unused = ctx.close();
  }
}
