package org.tidbbinlog.pump.server;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Detachable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * A {@code WriteBinlogReq} as it came from the wire. The marshaller runs on the event loop, so it
 * copies small payloads to the heap once and leaves large ones where they are (off the heap, in the
 * transport's buffers) for the spill thread.
 */
sealed interface WriteRequest {
  /** Tells {@code call} what came. */
  void reach(WriteCall call);

  /**
   * Read whole; {@code payload} has position 0.
   *
   * @param free to be run when nobody touches the payload any more
   */
  record Read(long clusterId, ByteBuffer payload, Runnable free) implements WriteRequest {
    @Override
    public void reach(WriteCall call) {
      call.write(this);
    }
  }

  /** Larger than the spill threshold and not looked at yet; owns the transport's buffers. */
  record Large(InputStream message, int sizeBytes) implements WriteRequest {
    @Override
    public void reach(WriteCall call) {
      call.spillThenWrite(this);
    }
  }

  /** Larger than {@code max-message-size}. */
  record Oversize(long sizeBytes, long limitBytes) implements WriteRequest {
    @Override
    public void reach(WriteCall call) {
      call.refuseOversize(this);
    }
  }

  /** Not a WriteBinlogReq, or one that could not be spilled. */
  record Unreadable(Status status) implements WriteRequest {
    @Override
    public void reach(WriteCall call) {
      call.fail(status);
    }
  }

  /** Large, and not taken: it was not spilled. */
  record Refused(RuntimeException cause) implements WriteRequest {
    @Override
    public void reach(WriteCall call) {
      call.failed(cause);
    }
  }

  /** What to answer when reading failed. */
  static Status statusOf(IOException e) {
    return e instanceof InvalidProtocolBufferException
        ? Status.INTERNAL.withDescription("grpc: error unmarshalling request: " + e.getMessage())
        : Status.UNKNOWN.withDescription("spill of a large binlog failed: " + e.getMessage());
  }

  /** Reads requests; never throws for bad bytes, so that the call can answer with a status. */
  final class Reader implements Marshaller<WriteRequest> {
    private final long limitBytes;
    private final PayloadSpill spill;
    private final PayloadSpill.Admission admission;

    Reader(long limitBytes, PayloadSpill spill, PayloadSpill.Admission admission) {
      this.limitBytes = limitBytes;
      this.spill = spill;
      this.admission = admission;
    }

    @Override
    public WriteRequest parse(InputStream message) {
      try {
        if (message instanceof KnownLength) {
          int sizeBytes = message.available();
          if (sizeBytes > limitBytes) {
            return new Oversize(sizeBytes, limitBytes);
          }
          if (sizeBytes > PayloadSpill.THRESHOLD_BYTES
              && message instanceof Detachable detachable) {
            return new Large(detachable.detach(), sizeBytes);
          }
        }
        return spill.read(message, limitBytes, admission);
      } catch (RuntimeException e) {
        return new Refused(e);
      } catch (IOException e) {
        return new Unreadable(statusOf(e));
      }
    }

    @Override
    public InputStream stream(WriteRequest value) {
      throw new UnsupportedOperationException("a Pump sends no WriteBinlogReq");
    }
  }
}
