package org.tidbbinlog.pump.server;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.tidbbinlog.pump.storage.PullRecord;

/**
 * A {@link PullMessage} on its way to the transport: a small one in one piece, a large one without
 * building it, its record's parts (heap or mapped) in small steps.
 */
final class PullFrame extends InputStream implements KnownLength, Drainable {
  private static final int STEP_BYTES = 1 << 16;
  private static final int WHOLE_BELOW_BYTES = 8 << 10;

  private final List<ByteBuffer> parts = new ArrayList<>();
  private int current;

  PullFrame(PullRecord record) {
    int payloadBytes = record.sizeBytes();
    ByteBuffer around = ByteBuffer.allocate(PullMessage.MAX_AROUND_BYTES);
    PullMessage.putHead(around, payloadBytes, record);
    int headBytes = around.position();
    PullMessage.putTail(around, record);
    parts.add(around.slice(0, headBytes));
    record.parts().forEach(part -> parts.add(part.duplicate()));
    parts.add(around.slice(headBytes, around.position() - headBytes));
  }

  @Override
  public int available() {
    int left = 0;
    for (int i = current; i < parts.size(); i++) {
      left = Math.addExact(left, parts.get(i).remaining());
    }
    return left;
  }

  @Override
  public int drainTo(OutputStream target) throws IOException {
    int total = available();
    byte[] step = new byte[Math.min(total, STEP_BYTES)];
    for (int got = read(step, 0, step.length); got > 0; got = read(step, 0, step.length)) {
      target.write(step, 0, got);
    }
    return total;
  }

  @Override
  public int read() {
    ByteBuffer part = part();
    return part.hasRemaining() ? part.get() & 0xff : -1;
  }

  @Override
  public int read(byte[] into, int offset, int length) {
    int done = 0;
    while (done < length) {
      ByteBuffer part = part();
      if (!part.hasRemaining()) {
        break;
      }
      int count = Math.min(part.remaining(), length - done);
      part.get(into, offset + done, count);
      done += count;
    }
    return done == 0 && length > 0 ? -1 : done;
  }

  /** The first part with bytes left; the last one when all are read. */
  private ByteBuffer part() {
    while (current < parts.size() - 1 && !parts.get(current).hasRemaining()) {
      current++;
    }
    return parts.get(current);
  }

  /** Writes records as responses; a Pump never reads one. */
  static final class Writer implements Marshaller<PullRecord> {
    @Override
    public InputStream stream(PullRecord record) {
      int payloadBytes = record.sizeBytes();
      return payloadBytes <= WHOLE_BELOW_BYTES
          ? new Whole(record, payloadBytes)
          : new PullFrame(record);
    }

    @Override
    public PullRecord parse(InputStream stream) {
      throw new UnsupportedOperationException("a Pump receives no PullBinlogResp");
    }
  }

  /** A small message in one piece. */
  private static final class Whole extends ByteArrayInputStream implements KnownLength, Drainable {
    Whole(PullRecord record, int payloadBytes) {
      super(bytes(record, payloadBytes));
    }

    private static byte[] bytes(PullRecord record, int payloadBytes) {
      ByteBuffer whole = ByteBuffer.allocate(PullMessage.sizeBytes(payloadBytes, record));
      PullMessage.putHead(whole, payloadBytes, record);
      record.parts().forEach(part -> whole.put(part.duplicate()));
      PullMessage.putTail(whole, record);
      return whole.array();
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      target.write(buf, pos, count - pos);
      int drained = count - pos;
      pos = count;
      return drained;
    }
  }
}
