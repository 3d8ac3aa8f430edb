package org.tidbbinlog.cluster.tikv;

import java.time.Duration;
import java.util.Optional;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.cluster.net.Attempts;
import org.tidbbinlog.cluster.tikv.RegionCache.Located;
import org.tidbbinlog.wire.regionerror.Error;

/** What to do about a region error before the call is repeated. Source: tikv-access section 1. */
final class RegionErrors {
  private static final Duration MAX_BUSY_PAUSE = Duration.ofSeconds(2);

  private RegionErrors() {}

  /**
   * Corrects the cache and waits.
   *
   * @throws RetryableException when the operation's limit passed
   */
  static void handle(Error error, Located located, RegionCache cache, Attempts attempts)
      throws InterruptedException {
    RetryableException cause =
        new RetryableException(
            "TiKV region " + located.region().getId() + ": " + nameOf(error) + " " + text(error));
    if (error.hasNotLeader() && error.getNotLeader().hasLeader()) {
      cache.leaderIs(located, error.getNotLeader().getLeader());
      attempts.pause(cause);
      return;
    }
    if (error.hasServerIsBusy()) {
      Optional<Duration> asked =
          Optional.of(Duration.ofMillis(error.getServerIsBusy().getBackoffMs()))
              .filter(d -> !d.isZero() && d.compareTo(MAX_BUSY_PAUSE) < 0);
      if (asked.isPresent()) {
        attempts.pause(asked.get(), cause);
        return;
      }
    } else if (error.hasStoreNotMatch()) {
      cache.forgetStore(located.leader().getStoreId());
      cache.forget(located);
    } else {
      cache.forget(located);
    }
    attempts.pause(cause);
  }

  private static String nameOf(Error error) {
    if (error.hasNotLeader()) {
      return "not leader";
    } else if (error.hasEpochNotMatch()) {
      return "epoch not match";
    } else if (error.hasRegionNotFound()) {
      return "region not found";
    } else if (error.hasServerIsBusy()) {
      return "server is busy";
    } else if (error.hasStaleCommand()) {
      return "stale command";
    }
    return "region error";
  }

  private static String text(Error error) {
    String message = error.getMessage();
    return message.length() > 200 ? message.substring(0, 200) : message;
  }
}
