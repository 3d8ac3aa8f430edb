package org.tidbbinlog.drainer.server;

import java.time.Duration;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.source.PulledBinlog;

/**
 * Whether the target has all there is: nothing changed there for long, nothing that was received
 * waits, and it has everything up to just now by upstream's clock. Pumps say every few seconds that
 * nothing came, so a Pump that is silent, paused or behind, a merge that waits and a backlog at the
 * target all show in the last. (The original looks at the first alone, and so calls a stalled
 * Drainer synced.) Upstream's clock is PD's, which {@link UpstreamClock} asks again and again; in
 * between our monotonic clock tells what has passed, since the host's may be set. Who has not heard
 * of PD for a minute does not know. Thread-safe. Source: drainer section 10.
 */
final class SyncWatch {
  /** Older than this is not now: some of Pumps' signs of life may be late. */
  private static final Duration NOW = Duration.ofSeconds(30);

  /** A machine that was suspended or is slow knows upstream's time no better than this. */
  private static final Duration LONG_UNHEARD = Duration.ofMinutes(1);

  private final Clock clock;
  private final Duration syncedAfter;
  private Tso newestReceived = Tso.ZERO;
  private Tso acknowledged = Tso.ZERO;
  private long changedNanos;
  private boolean upstreamHeard;
  private long upstreamMs;
  private long upstreamHeardNanos;

  SyncWatch(Clock clock, Duration syncedAfter) {
    this.clock = clock;
    this.syncedAfter = syncedAfter;
    this.changedNanos = clock.nanoTime();
  }

  /** Upstream's clock says this now; the host's may say something else. */
  synchronized void upstreamTime(Tso now) {
    upstreamHeard = true;
    upstreamMs = now.physicalMs();
    upstreamHeardNanos = clock.nanoTime();
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

  synchronized boolean isSynced() {
    return clock.nanoTime() - changedNanos > syncedAfter.toNanos()
        && !newestReceived.isAfter(acknowledged)
        && upstreamHeard
        && sinceHeardMs() < LONG_UNHEARD.toMillis()
        && behindMs() < NOW.toMillis();
  }

  private long behindMs() {
    return upstreamMs + sinceHeardMs() - acknowledged.physicalMs();
  }

  private long sinceHeardMs() {
    return Duration.ofNanos(clock.nanoTime() - upstreamHeardNanos).toMillis();
  }
}
