package org.tidbbinlog.sim;

import java.time.Duration;
import java.time.Instant;
import org.tidbbinlog.base.Clock;

/** One node's clock: the wall clock may be wrong and jump, the other one never does. */
final class NodeClock implements Clock {
  private static final long START_MS = 1_700_000_000_000L;

  private final Agenda agenda;
  private final long originNs;
  private long jumpedMs;

  /**
   * @param originNs of the monotonic clock; each machine has another one
   */
  NodeClock(Agenda agenda, long originNs) {
    this.agenda = agenda;
    this.originNs = originNs;
  }

  void jump(long millis) {
    jumpedMs += millis;
  }

  @Override
  public Instant now() {
    return Instant.ofEpochMilli(START_MS + jumpedMs + agenda.nowNs() / 1_000_000);
  }

  @Override
  public long nanoTime() {
    return originNs + agenda.nowNs();
  }

  /** Takes no time: who sleeps inside a step only tries again. */
  @Override
  public void sleep(Duration duration) {}
}
