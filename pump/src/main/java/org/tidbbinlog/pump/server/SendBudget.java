package org.tidbbinlog.pump.server;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The bytes of large records that all pull streams together may have handed to the transport, which
 * copies a record whole into direct memory and keeps it until the client has read it. A stream that
 * does not get its share waits in turn, at worst until a client that does not read is gone. One
 * record always passes, however large (I10). Thread-safe.
 */
final class SendBudget {
  /** Smaller records are bounded well enough by one a stream. */
  static final int LARGE_BYTES = 1 << 20;

  private final long limitBytes;
  private final Set<Share> waiting = new LinkedHashSet<>();
  private long heldBytes;

  SendBudget(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** Half of the direct memory; the other half is for what is received. */
  static SendBudget ofThisProcess() {
    HotSpotDiagnosticMXBean flags =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    long given = Long.parseLong(flags.getVMOption("MaxDirectMemorySize").getValue());
    return new SendBudget((given == 0 ? Runtime.getRuntime().maxMemory() : given) / 2);
  }

  /**
   * @param wake called from any thread when a share that was refused may be asked for again
   */
  Share share(Runnable wake) {
    return new Share(wake);
  }

  private synchronized boolean take(Share share, long bytes) {
    boolean isFirst = waiting.isEmpty() || share == waiting.iterator().next();
    if (!isFirst || (heldBytes > 0 && heldBytes + bytes > limitBytes)) {
      waiting.add(share);
      return false;
    }
    waiting.remove(share);
    heldBytes += bytes;
    return true;
  }

  private synchronized void give(Share share, long bytes) {
    waiting.remove(share);
    heldBytes -= bytes;
  }

  private synchronized Optional<Share> first() {
    Iterator<Share> next = waiting.iterator();
    return next.hasNext() ? Optional.of(next.next()) : Optional.empty();
  }

  private void wakeFirst() {
    first().ifPresent(share -> share.wake.run());
  }

  /** What one stream holds. Used by one thread at a time. */
  final class Share {
    private final Runnable wake;
    private long held;

    private Share(Runnable wake) {
      this.wake = wake;
    }

    /** False when the stream has to wait; it is woken then. */
    boolean tryTake(long bytes) {
      if (bytes < LARGE_BYTES) {
        return true;
      }
      if (!take(this, bytes)) {
        return false;
      }
      held += bytes;
      wakeFirst();
      return true;
    }

    /** The transport has passed on what it was handed. */
    void giveBack() {
      if (held > 0) {
        leave();
      }
    }

    /** The stream ends, also while it waits. */
    void leave() {
      give(this, held);
      held = 0;
      wakeFirst();
    }
  }
}
