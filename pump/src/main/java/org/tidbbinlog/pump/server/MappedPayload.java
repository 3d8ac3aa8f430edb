package org.tidbbinlog.pump.server;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A payload in a mapped, unlinked file. Its disk space comes back when it is unmapped, which a
 * quiet heap may not do for hours; so {@link #free} does.
 *
 * <p>Whoever touches the bytes after that ends the process. Truncating the file instead would be no
 * safer (a touch is SIGBUS then) and would keep the address space. It is safe because the store
 * does not touch a payload once it has answered: written, or refused for good.
 */
final class MappedPayload {
  private static final Logger LOG = LoggerFactory.getLogger(MappedPayload.class);
  private final MappedByteBuffer mapped;
  private final AtomicBoolean freed = new AtomicBoolean();

  MappedPayload(MappedByteBuffer mapped) {
    this.mapped = mapped;
  }

  ByteBuffer bytes() {
    return mapped;
  }

  /** Only the first call does something. */
  void free() {
    if (freed.compareAndSet(false, true)) {
      try {
        // Java 17 has no other door; javac refuses the class by name.
        Class<?> unsafe = Class.forName("sun.misc.Unsafe");
        Field only = unsafe.getDeclaredField("theUnsafe");
        only.setAccessible(true);
        Method clean = unsafe.getMethod("invokeCleaner", ByteBuffer.class);
        clean.invoke(only.get(null), mapped);
      } catch (ReflectiveOperationException e) {
        LOG.atWarn().setCause(e).log("spilled payload stays mapped until the heap is collected");
      }
    }
  }
}
