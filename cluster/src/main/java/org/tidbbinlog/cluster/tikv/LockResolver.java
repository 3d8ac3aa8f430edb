package org.tidbbinlog.cluster.tikv;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.net.Attempts;
import org.tidbbinlog.cluster.time.TimeSource;
import org.tidbbinlog.wire.kv.CheckTxnStatusResponse;
import org.tidbbinlog.wire.kv.LockInfo;

/**
 * Gets a lock out of a reader's way: asks for the state of its transaction, ends the lock as the
 * transaction ended, or waits while it lives. Source: tikv-access section 1.
 */
final class LockResolver {
  private static final Logger LOG = LoggerFactory.getLogger(LockResolver.class);
  private static final Duration SLACK = Duration.ofSeconds(20);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private final TxnCalls calls;
  private final TimeSource time;

  LockResolver(TxnCalls calls, TimeSource time) {
    this.calls = calls;
    this.time = time;
  }

  /** Returns when it is worth reading again; stretches the reader's limit while a lock lives. */
  void resolve(LockInfo lock, Tso readerTs, Attempts attempts) throws InterruptedException {
    Tso start = new Tso(lock.getLockVersion());
    Tso now = time.next();
    CheckTxnStatusResponse status =
        calls.checkStatus(
            lock.getPrimaryLock(), start, readerTs, now, TxnCalls.IfUnknown.ROLL_BACK, attempts);
    if (status.hasError()) {
      attempts.pause(new RetryableException("lock of " + start + ": " + status.getError()));
      return;
    }
    if (status.getLockTtl() > 0) {
      waitWhileAlive(lock, start, now, status.getLockTtl(), attempts);
      return;
    }
    Tso commit = new Tso(status.getCommitVersion());
    LOG.atInfo()
        .addKeyValue("startTs", start)
        .addKeyValue("commitTs", commit)
        .log("lock in the way of a read resolved");
    calls.resolveLock(lock.getKey(), start, commit, attempts);
  }

  private static void waitWhileAlive(
      LockInfo lock, Tso start, Tso now, long ttlMs, Attempts attempts)
      throws InterruptedException {
    Duration alive = Duration.ofMillis(Math.max(1, start.physicalMs() + ttlMs - now.physicalMs()));
    attempts.allow(alive.plus(SLACK));
    attempts.pause(
        alive.compareTo(LONGEST_PAUSE) < 0 ? alive : LONGEST_PAUSE,
        new RetryableException(
            "key is locked by the running transaction " + start + ", ttl " + lock.getLockTtl()));
  }
}
