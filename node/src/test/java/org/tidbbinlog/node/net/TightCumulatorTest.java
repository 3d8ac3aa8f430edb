package org.tidbbinlog.node.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TightCumulatorTest {
  private static final int FRAME_BYTES = 16393;
  private static final int READ_BYTES = 1 << 16;

  private final PooledByteBufAllocator alloc = new PooledByteBufAllocator(true);
  private final TightCumulator cumulator = new TightCumulator();

  /** What HTTP/2 does: whole frames are cut off and kept, the rest waits for the next read. */
  private List<ByteBuf> receive(Random random, int totalBytes) {
    List<ByteBuf> frames = new ArrayList<>();
    ByteBuf cumulation = Unpooled.EMPTY_BUFFER;
    byte next = 0;
    for (int sent = 0; sent < totalBytes; ) {
      ByteBuf in = alloc.directBuffer(READ_BYTES);
      int length = random.nextInt(4) == 0 ? 1 + random.nextInt(READ_BYTES) : READ_BYTES;
      for (int i = 0; i < length; i++) {
        in.writeByte(next++);
      }
      sent += length;
      cumulation = cumulator.cumulate(alloc, cumulation, in);
      while (cumulation.readableBytes() >= FRAME_BYTES) {
        frames.add(cumulation.readRetainedSlice(FRAME_BYTES));
      }
      if (!cumulation.isReadable()) {
        cumulation.release();
        cumulation = Unpooled.EMPTY_BUFFER;
      }
    }
    cumulation.release();
    return frames;
  }

  @Test
  void manyReads_keepTheirBytesInLittleMoreThanTheirSize() {
    int totalBytes = 64 << 20;
    List<ByteBuf> frames = receive(new Random(7), totalBytes);
    assertThat(alloc.metric().usedDirectMemory()).isLessThan(totalBytes + totalBytes / 3);
    byte next = 0;
    for (ByteBuf frame : frames) {
      while (frame.isReadable()) {
        assertThat(frame.readByte() == next++).isTrue();
      }
      var unused = frame.release();
    }
    assertThat(alloc.pinnedDirectMemory()).isZero();
  }
}
