package org.tidbbinlog.pumpclient;

import java.time.Duration;

/**
 * How a {@link PumpClient} writes. Source: pump-client section 1.
 *
 * @param writeTimeout limit of one call, and the least time a Prewrite is tried
 * @param socketPath unix socket of a local Pump; empty = Pumps from the registry
 * @param probeInterval how often Pumps that are avoided are asked whether they work again
 * @param prewritePause between two tries of a Prewrite
 * @param finishPause between two tries of a Commit or Rollback
 * @param finishLimit after which a Commit or Rollback is given up (the Pump then asks TiKV)
 * @param maxPrewrites Prewrites under way; one more waits before it starts
 * @param maxFinishing Commits and Rollbacks being repeated; one more is given up after one try
 */
public record PumpClientSettings(
    PumpStrategy strategy,
    Duration writeTimeout,
    String socketPath,
    Duration probeInterval,
    Duration prewritePause,
    Duration finishPause,
    Duration finishLimit,
    int maxPrewrites,
    int maxFinishing) {

  public static PumpClientSettings defaults() {
    return new PumpClientSettings(
        PumpStrategy.RANGE,
        Duration.ofSeconds(15),
        "",
        Duration.ofSeconds(30),
        Duration.ofMillis(100),
        Duration.ofSeconds(1),
        Duration.ofMinutes(10),
        10_000,
        100_000);
  }

  public PumpClientSettings withStrategy(PumpStrategy other) {
    return new PumpClientSettings(
        other,
        writeTimeout,
        socketPath,
        probeInterval,
        prewritePause,
        finishPause,
        finishLimit,
        maxPrewrites,
        maxFinishing);
  }

  public PumpClientSettings withWriteTimeout(Duration other) {
    return new PumpClientSettings(
        strategy,
        other,
        socketPath,
        probeInterval,
        prewritePause,
        finishPause,
        finishLimit,
        maxPrewrites,
        maxFinishing);
  }

  public PumpClientSettings withSocket(String path) {
    return new PumpClientSettings(
        strategy,
        writeTimeout,
        path,
        probeInterval,
        prewritePause,
        finishPause,
        finishLimit,
        maxPrewrites,
        maxFinishing);
  }

  public PumpClientSettings withProbeInterval(Duration other) {
    return new PumpClientSettings(
        strategy,
        writeTimeout,
        socketPath,
        other,
        prewritePause,
        finishPause,
        finishLimit,
        maxPrewrites,
        maxFinishing);
  }

  public PumpClientSettings withFinishing(Duration pause, Duration limit) {
    return new PumpClientSettings(
        strategy,
        writeTimeout,
        socketPath,
        probeInterval,
        prewritePause,
        pause,
        limit,
        maxPrewrites,
        maxFinishing);
  }
}
