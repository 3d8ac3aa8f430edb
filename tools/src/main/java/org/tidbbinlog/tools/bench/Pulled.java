package org.tidbbinlog.tools.bench;

import com.google.protobuf.CodedInputStream;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * One {@code PullBinlogResp}, and where in its bytes the Binlog's value lies; read without copying
 * it about, so that the client costs little beside the Pump it measures.
 *
 * <p>Source: pump-protocol sections 2 and 3.
 */
final class Pulled {
  private final byte[] message;
  private long startTs;
  private long commitTs;
  private int valueFrom;
  private int valueBytes;

  private Pulled(byte[] message) {
    this.message = message;
  }

  private static Pulled of(byte[] message) throws IOException {
    Pulled pulled = new Pulled(message);
    CodedInputStream in = CodedInputStream.newInstance(message);
    pulled.readFields(in, message.length, Level.RESPONSE);
    return pulled;
  }

  /** Each message that can be inside another. */
  private enum Level {
    RESPONSE,
    ENTITY,
    BINLOG
  }

  private void readFields(CodedInputStream in, int end, Level level) throws IOException {
    while (in.getTotalBytesRead() < end) {
      int tag = in.readTag();
      int field = tag >>> 3;
      if (level == Level.RESPONSE && field == 1) {
        readFields(in, in.readRawVarint32() + in.getTotalBytesRead(), Level.ENTITY);
      } else if (level == Level.ENTITY && field == 2) {
        readFields(in, in.readRawVarint32() + in.getTotalBytesRead(), Level.BINLOG);
      } else if (level == Level.BINLOG && field == 2) {
        startTs = in.readInt64();
      } else if (level == Level.BINLOG && field == 3) {
        commitTs = in.readInt64();
      } else if (level == Level.BINLOG && field == 5) {
        valueBytes = in.readRawVarint32();
        valueFrom = in.getTotalBytesRead();
        in.skipRawBytes(valueBytes);
      } else {
        in.skipField(tag);
      }
    }
  }

  byte[] message() {
    return message;
  }

  long startTs() {
    return startTs;
  }

  long commitTs() {
    return commitTs;
  }

  /** Offset of the value in the message. */
  int valueFrom() {
    return valueFrom;
  }

  int valueBytes() {
    return valueBytes;
  }

  /** A heartbeat of the Pump. */
  boolean isFake() {
    return startTs == commitTs;
  }

  /** Reads responses; a client sends none. */
  static final class Reader implements Marshaller<Pulled> {
    @Override
    public InputStream stream(Pulled value) {
      throw new UnsupportedOperationException("a client sends no PullBinlogResp");
    }

    @Override
    public Pulled parse(InputStream stream) {
      try {
        byte[] message =
            stream instanceof KnownLength
                ? stream.readNBytes(stream.available())
                : stream.readAllBytes();
        return of(message);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
