package org.tidbbinlog.pump.storage;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Who is told when there is more to pull. */
final class Wakeups {
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  void add(Runnable listener) {
    listeners.add(listener);
  }

  void remove(Runnable listener) {
    listeners.remove(listener);
  }

  void signal() {
    for (Runnable listener : listeners) {
      listener.run();
    }
  }
}
