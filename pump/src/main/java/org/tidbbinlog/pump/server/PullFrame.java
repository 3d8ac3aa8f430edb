package org.tidbbinlog.pump.server;

import com.google.protobuf.CodedOutputStream;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.tidbbinlog.pump.storage.PullRecord;

/**
 * A {@code PullBinlogResp} around a record, byte for byte as the original writes it, without
 * building the message: the record's parts (heap or mapped) go to the transport in small steps.
 *
 * <pre>
 * 0a len { 0a 00 (empty pos) | [12 len record] | 22 len { [08 start] [10 commit] } }
 * </pre>
 *
 * Source: pump-protocol sections 2 and 4.
 */
final class PullFrame extends InputStream implements KnownLength, Drainable {
  private static final int STEP_BYTES = 1 << 16;
  private static final int ENTITY = 1;
  private static final int PAYLOAD = 2;
  private static final int META = 4;
  private static final byte[] EMPTY_POS = {0x0a, 0x00};

  private final List<ByteBuffer> parts = new ArrayList<>();
  private int current;

  PullFrame(PullRecord record) {
    byte[] meta = meta(record);
    int payloadBytes = record.sizeBytes();
    byte[] beforePayload = payloadBytes == 0 ? new byte[0] : lengthHead(PAYLOAD, payloadBytes);
    byte[] metaHead = lengthHead(META, meta.length);
    long entityBytes =
        (long) EMPTY_POS.length
            + beforePayload.length
            + payloadBytes
            + metaHead.length
            + meta.length;
    parts.add(ByteBuffer.wrap(lengthHead(ENTITY, Math.toIntExact(entityBytes))));
    parts.add(ByteBuffer.wrap(EMPTY_POS));
    parts.add(ByteBuffer.wrap(beforePayload));
    record.parts().forEach(part -> parts.add(part.duplicate()));
    parts.add(ByteBuffer.wrap(metaHead));
    parts.add(ByteBuffer.wrap(meta));
  }

  private static byte[] meta(PullRecord record) {
    return encode(
        out -> {
          if (!record.startTs().isZero()) {
            out.writeInt64(1, record.startTs().value());
          }
          if (!record.commitTs().isZero()) {
            out.writeInt64(2, record.commitTs().value());
          }
        });
  }

  private static byte[] lengthHead(int field, int length) {
    return encode(
        out -> {
          out.writeTag(field, 2);
          out.writeUInt32NoTag(length);
        });
  }

  private static byte[] encode(Encoding encoding) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(32);
      CodedOutputStream out = CodedOutputStream.newInstance(bytes, 32);
      encoding.writeTo(out);
      out.flush();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface Encoding {
    void writeTo(CodedOutputStream out) throws IOException;
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
      return new PullFrame(record);
    }

    @Override
    public PullRecord parse(InputStream stream) {
      throw new UnsupportedOperationException("a Pump receives no PullBinlogResp");
    }
  }
}
