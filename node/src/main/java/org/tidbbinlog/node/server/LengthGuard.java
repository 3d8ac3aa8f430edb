package org.tidbbinlog.node.server;

import io.grpc.Status;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;

/**
 * Refuses a message by the length its prefix announces, before its bytes are taken in: gRPC would
 * gather all of them first, and word its own limit otherwise than TiDB expects. Lives on the
 * connection's network thread, before gRPC's own reader. Source: pump-protocol section 8, fact 12.
 *
 * <pre>
 * | flag 1 | length 4, big-endian | message | flag 1 | ...   over any number of DATA frames
 * </pre>
 */
final class LengthGuard extends Http2FrameListenerDecorator {
  private final GrpcHttp2ConnectionHandler grpc;
  private final Http2FrameListener reader;
  private final Http2Connection.PropertyKey prefixes;
  private final long maxBytes;

  private LengthGuard(GrpcHttp2ConnectionHandler grpc, Http2FrameListener reader, long maxBytes) {
    super(reader);
    this.grpc = grpc;
    this.reader = reader;
    this.prefixes = grpc.connection().newKey();
    this.maxBytes = maxBytes;
  }

  /** Puts one before the reader of a connection that is not yet served; nothing without a limit. */
  static void install(GrpcHttp2ConnectionHandler grpc, long maxBytes) {
    if (maxBytes < Integer.MAX_VALUE) {
      Http2FrameListener reader = grpc.decoder().frameListener();
      grpc.decoder().frameListener(new LengthGuard(grpc, reader, maxBytes));
    }
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream)
      throws Http2Exception {
    Http2Stream stream = grpc.connection().stream(streamId);
    if (stream != null) {
      Prefix prefix = stream.getProperty(prefixes);
      if (prefix == null) {
        prefix = new Prefix();
        stream.setProperty(prefixes, prefix);
      }
      long announced = prefix.firstOver(data, maxBytes);
      if (announced > maxBytes) {
        refuse(ctx, stream, announced);
        return data.readableBytes() + padding; // taken off the flow-control window, and dropped
      }
    }
    return super.onDataRead(ctx, streamId, data, padding, endOfStream);
  }

  private void refuse(ChannelHandlerContext ctx, Http2Stream stream, long announced)
      throws Http2Exception {
    reader.onRstStreamRead(ctx, stream.id(), Http2Error.CANCEL.code()); // ends the call here
    String text = "grpc: received message larger than max (" + announced + " vs. " + maxBytes + ")";
    Http2Headers trailers = new DefaultHttp2Headers();
    if (!stream.isHeadersSent()) {
      trailers.status("200").set("content-type", "application/grpc");
    }
    trailers.set("grpc-status", Integer.toString(Status.Code.RESOURCE_EXHAUSTED.value()));
    trailers.set("grpc-message", text);
    var unused = grpc.encoder().writeHeaders(ctx, stream.id(), trailers, 0, true, ctx.newPromise());
    var ignored =
        grpc.encoder()
            .writeRstStream(ctx, stream.id(), Http2Error.NO_ERROR.code(), ctx.newPromise());
    ctx.flush();
  }

  /** Where a stream is in its messages. */
  private static final class Prefix {
    private static final int BYTES = 5;
    private int seen;
    private long length;
    private long bodyLeft;

    /** The first announced length above {@code max} in {@code data}, else 0. */
    long firstOver(ByteBuf data, long max) {
      int at = data.readerIndex();
      int end = data.writerIndex();
      while (at < end) {
        if (bodyLeft > 0) {
          long skipped = Math.min(bodyLeft, end - at);
          bodyLeft -= skipped;
          at += (int) skipped;
          continue;
        }
        length = seen == 0 ? 0 : length << 8 | data.getUnsignedByte(at);
        at++;
        seen++;
        if (seen == BYTES) {
          if (length > max) {
            return length;
          }
          bodyLeft = length;
          seen = 0;
        }
      }
      return 0;
    }
  }
}
