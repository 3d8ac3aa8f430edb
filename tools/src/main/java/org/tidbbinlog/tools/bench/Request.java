package org.tidbbinlog.tools.bench;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.util.Collections;
import java.util.List;

/** One serialized {@code WriteBinlogReq} in three pieces, the middle one shared by all requests. */
record Request(byte[] head, byte[] body, byte[] tail) {
  int sizeBytes() {
    return head.length + body.length + tail.length;
  }

  /** Hands the pieces to the transport as they are. */
  static final class Writer implements Marshaller<Request> {
    @Override
    public InputStream stream(Request request) {
      return new Pieces(request);
    }

    @Override
    public Request parse(InputStream stream) {
      throw new UnsupportedOperationException("a client receives no WriteBinlogReq");
    }
  }

  private static final class Pieces extends SequenceInputStream implements KnownLength, Drainable {
    private final Request request;

    Pieces(Request request) {
      super(
          Collections.enumeration(
              List.of(
                  new ByteArrayInputStream(request.head),
                  new ByteArrayInputStream(request.body),
                  new ByteArrayInputStream(request.tail))));
      this.request = request;
    }

    @Override
    public int available() {
      return request.sizeBytes();
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      target.write(request.head);
      target.write(request.body);
      target.write(request.tail);
      return request.sizeBytes();
    }
  }
}
