package org.tidbbinlog.node.net;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.ByteToMessageDecoder.Cumulator;

/**
 * Joins what a connection read with the part of a frame that was left over, in a buffer that has
 * hardly more room than bytes. gRPC keeps these buffers until a message is whole, and Netty's own
 * way rounds their size up to a power of two: a message would then cost almost twice its size in
 * direct memory. Small reads are joined as Netty does it.
 *
 * <pre>
 *  left over (below 16 KiB) + read (up to 64 KiB)  ─▶  one buffer of their size, not of 128 KiB
 * </pre>
 */
public final class TightCumulator implements Cumulator {
  /** Below this there is nothing to gain. */
  private static final int BULK_BYTES = 16 << 10;

  TightCumulator() {}

  /** For a connection that has not read anything yet. */
  public static void install(GrpcHttp2ConnectionHandler grpc) {
    grpc.setCumulator(new TightCumulator());
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // Netty hands the same buffer twice when it re-enters
  public ByteBuf cumulate(ByteBufAllocator alloc, ByteBuf cumulation, ByteBuf in) {
    int bytes = cumulation.readableBytes() + in.readableBytes();
    if (bytes < BULK_BYTES || cumulation == in || isRoomUsed(cumulation, in)) {
      return ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(alloc, cumulation, in);
    }
    try {
      ByteBuf whole = alloc.buffer(bytes);
      whole.writeBytes(cumulation).writeBytes(in);
      cumulation.release();
      return whole;
    } finally {
      in.release();
    }
  }

  /** Nothing was left over, and what was read fills most of its buffer. */
  private static boolean isRoomUsed(ByteBuf cumulation, ByteBuf in) {
    return !cumulation.isReadable() && in.readableBytes() >= in.capacity() - in.capacity() / 4;
  }
}
