package org.tidbbinlog.node.net;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;

/**
 * Hands large DATA frames to gRPC in buffers of their own size. gRPC keeps them until a message is
 * whole; as parts of what the connection read they would keep all of that, with its headers, the
 * begin of the frame after them and the room left over: twice the message in direct memory. Lives
 * on the connection's network thread.
 *
 * <pre>
 *  read by the connection │ head │ frame 16 KiB │ head │ frame 16 KiB │ head │ begin │ room │
 *  kept by gRPC                  └─▶ 16 KiB            └─▶ 16 KiB
 * </pre>
 */
public final class PackedFrames extends Http2FrameListenerDecorator {
  /** A stream of smaller frames has no large messages. */
  static final int LARGE_BYTES = 8 << 10;

  /** The last stream that had a large frame; a small one between them would keep all of a read. */
  private int bulkStream;

  PackedFrames(Http2FrameListener reader) {
    super(reader);
  }

  /** For a connection that is not yet served. */
  public static void install(GrpcHttp2ConnectionHandler grpc) {
    grpc.decoder().frameListener(new PackedFrames(grpc.decoder().frameListener()));
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream)
      throws Http2Exception {
    if (data.readableBytes() >= LARGE_BYTES) {
      bulkStream = streamId;
    } else if (streamId != bulkStream) {
      return super.onDataRead(ctx, streamId, data, padding, endOfStream);
    }
    ByteBuf packed = ctx.alloc().buffer(data.readableBytes());
    try {
      packed.writeBytes(data, data.readerIndex(), data.readableBytes());
      return super.onDataRead(ctx, streamId, packed, padding, endOfStream);
    } finally {
      packed.release();
    }
  }
}
