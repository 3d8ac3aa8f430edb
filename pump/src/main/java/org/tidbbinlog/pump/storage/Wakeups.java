package org.tidbbinlog.pump.storage;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who is told when there is more to pull. */
final class Wakeups {
  private static final Logger LOG = LoggerFactory.getLogger(Wakeups.class);

  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  void add(Runnable listener) {
    listeners.add(listener);
  }

  void remove(Runnable listener) {
    listeners.remove(listener);
  }

  void signal() {
    for (Runnable listener : listeners) {
      try {
        listener.run();
      } catch (RuntimeException | Error e) {
        // One reader's trouble is not the sorter's, nor the other readers'.
        LOG.atError().setCause(e).log("pull not woken");
      }
    }
  }
}
