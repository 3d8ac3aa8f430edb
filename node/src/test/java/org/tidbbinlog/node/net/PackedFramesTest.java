package org.tidbbinlog.node.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PackedFramesTest {
  private static final int FRAME_BYTES = 1 << 14;
  private static final int HEAD_BYTES = 9;
  private static final int READ_BYTES = 1 << 16;

  private final PooledByteBufAllocator alloc = new PooledByteBufAllocator(true);
  private final List<ByteBuf> kept = new ArrayList<>();
  private final List<ByteBuf> others = new ArrayList<>();
  private final PackedFrames frames =
      new PackedFrames(
          new Http2FrameAdapter() {
            @Override
            public int onDataRead(
                ChannelHandlerContext ctx, int stream, ByteBuf data, int padding, boolean last) {
              kept.add(data.retain());
              return data.readableBytes() + padding;
            }
          });

  private ChannelHandlerContext context() {
    EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
    channel.config().setAllocator(alloc);
    return channel.pipeline().firstContext();
  }

  @Test
  void framesOfLargeMessages_areKeptInTheirOwnSize() throws Exception {
    ChannelHandlerContext ctx = context();
    int count = 2048;
    for (int i = 0; i < count; i += 2) {
      ByteBuf read = alloc.directBuffer(READ_BYTES);
      for (int frame = 0; frame < 2; frame++) {
        read.writeZero(HEAD_BYTES).writeInt(i + frame).writeZero(FRAME_BYTES - Integer.BYTES);
      }
      for (int frame = 0; frame < 2; frame++) {
        ByteBuf data = read.skipBytes(HEAD_BYTES).readSlice(FRAME_BYTES);
        assertThat(frames.onDataRead(ctx, 3, data, 7, false)).isEqualTo(FRAME_BYTES + 7);
      }
      ByteBuf small = read.writeByte(1).readSlice(1);
      assertThat(frames.onDataRead(ctx, 3, small, 0, false)).isOne();
      others.add(kept.remove(kept.size() - 1));
      read.release();
    }
    assertThat(kept).hasSize(count);
    assertThat(alloc.metric().usedDirectMemory()).isLessThan(5L * count * FRAME_BYTES / 4);
    for (int i = 0; i < count; i++) {
      assertThat(kept.get(i).readableBytes()).isEqualTo(FRAME_BYTES);
      assertThat(kept.get(i).readInt()).isEqualTo(i);
      assertThat(kept.get(i).release()).isTrue();
    }
    assertThat(others).hasSize(count / 2).allMatch(ByteBuf::release);
    assertThat(alloc.pinnedDirectMemory()).isZero();
  }

  @Test
  void smallFrames_areNotCopied() throws Exception {
    ByteBuf read = alloc.directBuffer(64).writeZero(64);
    assertThat(frames.onDataRead(context(), 3, read, 0, true)).isEqualTo(64);
    assertThat(kept).containsExactly(read);
    assertThat(read.release(2)).isTrue();
  }
}
