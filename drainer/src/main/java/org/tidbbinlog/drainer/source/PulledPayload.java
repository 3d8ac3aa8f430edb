package org.tidbbinlog.drainer.source;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.node.process.MappedFile;

/**
 * The bytes of a binlog as they came: on the heap, or in a mapped file, whose space comes back when
 * they are let go (I10). Touching unmapped memory would end the process, so the bytes are read
 * inside {@link #read} only: letting go waits for those who read, and who comes later gets an
 * exception. Any thread may do either.
 *
 * <pre>
 * uses: 0, 1, 2 … who reads now;  + LET_GO: nobody else may;  LET_GO alone: unmapped
 * </pre>
 */
public final class PulledPayload {
  private static final int LET_GO = Integer.MIN_VALUE;

  private final Payload bytes;
  private final Optional<MappedFile> file;
  private final AtomicInteger uses = new AtomicInteger();

  private PulledPayload(Payload bytes, Optional<MappedFile> file) {
    this.bytes = bytes;
    this.file = file;
  }

  /** On the heap: letting go does nothing. */
  public static PulledPayload of(Payload bytes) {
    return new PulledPayload(bytes, Optional.empty());
  }

  static PulledPayload in(MappedFile file) {
    return new PulledPayload(Payload.of(file.bytes()), Optional.of(file));
  }

  /** What is done with the bytes; views of them must not outlive it. */
  @FunctionalInterface
  public interface Reading<T, E extends Exception> {
    T over(Payload bytes) throws E;
  }

  /**
   * @throws IllegalStateException when the bytes were let go
   */
  public <T, E extends Exception> T read(Reading<T, E> reading) throws E {
    if (file.isEmpty()) {
      return reading.over(bytes);
    }
    begin();
    try {
      return reading.over(bytes);
    } finally {
      end();
    }
  }

  private void begin() {
    int now = uses.get();
    while (now < 0 || !uses.compareAndSet(now, now + 1)) {
      if (now < 0) {
        throw new IllegalStateException("spilled transaction is read after it was let go");
      }
      now = uses.get();
    }
  }

  private void end() {
    if (uses.decrementAndGet() == LET_GO) {
      file.ifPresent(MappedFile::free);
    }
  }

  /** Nobody needs the bytes any more; only the first call does something. */
  public void letGo() {
    if (file.isPresent() && uses.getAndUpdate(now -> now | LET_GO) == 0) {
      file.get().free();
    }
  }

  boolean isMapped() {
    return file.isPresent();
  }

  public int size() {
    return bytes.size();
  }

  @Override
  public String toString() {
    return size() + " bytes";
  }
}
