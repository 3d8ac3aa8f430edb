package org.tidbbinlog.cluster;

import java.time.Duration;
import java.util.Random;
import org.tidbbinlog.base.Backoff;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.cluster.net.Attempts;
import org.tidbbinlog.cluster.net.Links;
import org.tidbbinlog.cluster.pd.PdLimits;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.Tls;

/** Plaintext links and short limits for tests. */
public final class TestLinks {
  private TestLinks() {}

  public static Links open() {
    return new Links(address -> Channels.open(address, Tls.plaintext()));
  }

  public static Attempts.Policy policy(Duration limit) {
    return new Attempts.Policy(
        Clock.system(),
        limit,
        new Backoff(Duration.ofMillis(20), Duration.ofMillis(200), 0.2),
        new Random(1));
  }

  public static PdLimits pdLimits() {
    return new PdLimits(
        Duration.ofSeconds(5),
        Duration.ofSeconds(1),
        Duration.ofMillis(500),
        Duration.ofSeconds(3),
        Duration.ofMillis(500));
  }

  public static ClusterLimits limits() {
    return new ClusterLimits(
        pdLimits(),
        Duration.ofSeconds(5),
        Duration.ofSeconds(1),
        Duration.ofMillis(500),
        Duration.ofSeconds(10),
        2);
  }
}
