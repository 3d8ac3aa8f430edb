package org.tidbbinlog.drainer.source;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.wire.pump.PullBinlogReq;
import org.tidbbinlog.wire.pump.PumpGrpc;

/**
 * {@code PullBinlogs} with a response that is read straight from the network buffers, so that a
 * payload of up to 2 GiB never has to be one array. Source: pump-protocol section 2.
 */
final class PullMethod {
  private static final int RESPONSE_ENTITY = WireFormat.WIRETYPE_LENGTH_DELIMITED | 1 << 3;
  private static final int ENTITY_PAYLOAD = WireFormat.WIRETYPE_LENGTH_DELIMITED | 2 << 3;
  private static final int ENTITY_META = WireFormat.WIRETYPE_LENGTH_DELIMITED | 4 << 3;
  private static final int META_START = 1 << 3;
  private static final int META_COMMIT = 2 << 3;

  /** A response: the payload, and both timestamps when the Pump copied them out (else 0). */
  record Entity(long metaStartTs, long metaCommitTs, PulledPayload payload) {}

  private PullMethod() {}

  static MethodDescriptor<PullBinlogReq, Entity> descriptor(SpillFolder spill) {
    return PumpGrpc.getPullBinlogsMethod().toBuilder(
            PumpGrpc.getPullBinlogsMethod().getRequestMarshaller(), new EntityMarshaller(spill))
        .build();
  }

  private record EntityMarshaller(SpillFolder spill)
      implements MethodDescriptor.Marshaller<Entity> {
    @Override
    public InputStream stream(Entity value) {
      throw new UnsupportedOperationException("responses are only read");
    }

    @Override
    public Entity parse(InputStream stream) {
      try {
        return response(CodedInputStream.newInstance(stream));
      } catch (IOException e) {
        throw Status.INTERNAL
            .withDescription("unreadable pull response: " + e.getMessage())
            .withCause(e)
            .asRuntimeException();
      }
    }

    private Entity response(CodedInputStream in) throws IOException {
      Message message = new Message();
      boolean whole = false;
      try {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
          if (tag == RESPONSE_ENTITY) {
            int outer = in.pushLimit(in.readRawVarint32());
            entity(in, message);
            in.popLimit(outer);
          } else {
            in.skipField(tag);
          }
        }
        whole = true;
        return new Entity(message.meta[0], message.meta[1], message.payload);
      } finally {
        if (!whole) {
          message.payload.letGo();
        }
      }
    }

    private void entity(CodedInputStream in, Message message) throws IOException {
      message.clear();
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case ENTITY_PAYLOAD -> {
            message.payload.letGo();
            message.payload = spill.read(in, in.readRawVarint32());
          }
          case ENTITY_META -> {
            int outer = in.pushLimit(in.readRawVarint32());
            meta(in, message.meta);
            in.popLimit(outer);
          }
          default -> in.skipField(tag);
        }
      }
    }

    private static void meta(CodedInputStream in, long[] meta) throws IOException {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case META_START -> meta[0] = in.readInt64();
          case META_COMMIT -> meta[1] = in.readInt64();
          default -> in.skipField(tag);
        }
      }
    }
  }

  /** One message while it is read; the last of what comes twice counts. */
  private static final class Message {
    private static final PulledPayload NOTHING = PulledPayload.of(Payload.EMPTY);

    private final long[] meta = new long[2];
    private PulledPayload payload = NOTHING;

    void clear() {
      payload.letGo();
      payload = NOTHING;
      meta[0] = 0;
      meta[1] = 0;
    }
  }
}
