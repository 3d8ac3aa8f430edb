package org.tidbbinlog.node.process;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file in memory, which need not have a name any more. Its disk space comes back when it is
 * unmapped, which a quiet heap may not do for hours; so {@link #free} does.
 *
 * <p>Whoever touches the bytes after that ends the process: the owner must know that nobody will.
 * Truncating the file instead would be no safer (a touch is SIGBUS then) and would keep the address
 * space.
 */
public final class MappedFile {
  private static final Logger LOG = LoggerFactory.getLogger(MappedFile.class);
  private final MappedByteBuffer mapped;
  private final AtomicBoolean freed = new AtomicBoolean();

  private MappedFile(MappedByteBuffer mapped) {
    this.mapped = mapped;
  }

  /** The first bytes of a file, to be read. */
  public static MappedFile of(FileChannel channel, int sizeBytes) throws IOException {
    return new MappedFile(channel.map(FileChannel.MapMode.READ_ONLY, 0, sizeBytes));
  }

  public ByteBuffer bytes() {
    return mapped;
  }

  /** Only the first call does something. */
  public void free() {
    if (freed.compareAndSet(false, true)) {
      try {
        // Java 17 has no other door; javac refuses the class by name.
        Class<?> unsafe = Class.forName("sun.misc.Unsafe");
        Field only = unsafe.getDeclaredField("theUnsafe");
        only.setAccessible(true);
        Method clean = unsafe.getMethod("invokeCleaner", ByteBuffer.class);
        clean.invoke(only.get(null), mapped);
      } catch (ReflectiveOperationException e) {
        LOG.atWarn().setCause(e).log("file stays mapped until the heap is collected");
      }
    }
  }
}
