package org.tidbbinlog.drainer.server;

import java.time.Duration;
import java.util.List;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.merge.MergeProgress;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.source.PulledBinlog;

/**
 * Whether the target has all there is: nothing changed there for long, nothing that was received
 * waits, and no Pump is silent. (The original looks at the first alone, and so calls a stalled
 * Drainer synced.) Source: drainer section 10.
 */
final class SyncWatch {
  private static final long SILENT_MS = 30_000;

  private final Clock clock;
  private final Duration syncedAfter;
  private Tso newestReceived = Tso.ZERO;
  private Tso acknowledged = Tso.ZERO;
  private long changedNanos;

  SyncWatch(Clock clock, Duration syncedAfter) {
    this.clock = clock;
    this.syncedAfter = syncedAfter;
    this.changedNanos = clock.nanoTime();
  }

  synchronized void received(PulledBinlog binlog) {
    if (!binlog.isFake()) {
      newestReceived = newestReceived.max(binlog.commitTs());
    }
  }

  synchronized void acknowledged(SinkItem item) {
    acknowledged = acknowledged.max(item.commitTs());
    if (item.kind() != SinkItem.Kind.PROGRESS) {
      changedNanos = clock.nanoTime();
    }
  }

  synchronized boolean isSynced(List<MergeProgress> pumps) {
    return clock.nanoTime() - changedNanos > syncedAfter.toNanos()
        && !newestReceived.isAfter(acknowledged)
        && pumps.stream().allMatch(pump -> pump.silentMs() < SILENT_MS);
  }
}
