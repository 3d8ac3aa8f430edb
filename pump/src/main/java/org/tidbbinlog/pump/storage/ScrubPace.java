package org.tidbbinlog.pump.storage;

/** How fast a long read may go. */
public interface ScrubPace {
  /** As fast as the disk. */
  ScrubPace UNLIMITED = bytes -> {};

  /** Called after each piece that was read; waits. */
  void read(long bytes) throws InterruptedException;
}
