package org.tidbbinlog.node.server;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.tidbbinlog.node.server.MessageLimit.Sized;

/** Reads a request no further than the limit. */
record SizedMarshaller<Q>(MethodDescriptor.Marshaller<Q> inner, long maxBytes)
    implements MethodDescriptor.Marshaller<Sized<Q>> {
  @Override
  public InputStream stream(Sized<Q> value) {
    return inner.stream(value.message().orElseThrow());
  }

  @Override
  public Sized<Q> parse(InputStream stream) {
    if (stream instanceof KnownLength) {
      long bytes = available(stream);
      return bytes > maxBytes
          ? new Sized<>(Optional.empty(), bytes)
          : new Sized<>(Optional.of(inner.parse(stream)), bytes);
    }
    Counted counted = new Counted(stream, maxBytes); // compressed: the size shows while reading
    try {
      return new Sized<>(Optional.of(inner.parse(counted)), counted.readBytes);
    } catch (RuntimeException e) {
      if (counted.readBytes > maxBytes) {
        return new Sized<>(Optional.empty(), counted.readBytes);
      }
      throw e;
    }
  }

  private static long available(InputStream stream) {
    try {
      return stream.available();
    } catch (IOException e) {
      throw Status.INTERNAL.withCause(e).asRuntimeException();
    }
  }

  /** Counts what is read and fails once it is over the limit. */
  private static final class Counted extends FilterInputStream {
    private final long maxBytes;
    private long readBytes;

    Counted(InputStream in, long maxBytes) {
      super(in);
      this.maxBytes = maxBytes;
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      count(b < 0 ? 0 : 1);
      return b;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int n = super.read(bytes, offset, length);
      count(Math.max(0, n));
      return n;
    }

    private void count(int n) throws IOException {
      readBytes += n;
      if (readBytes > maxBytes) {
        throw new IOException("over the limit of " + maxBytes + " bytes");
      }
    }
  }
}
