package org.tidbbinlog.drainer.source;

import java.time.Duration;

/**
 * How Pumps are pulled.
 *
 * @param clusterId PD cluster id, unsigned
 * @param compression of what Pumps send
 * @param prefetchBytes what may be queued of one Pump before its stream is held back
 * @param prefetchMessages how many messages may be under way beyond that
 * @param redialDelay between a broken stream and the next try
 * @param silenceLimit without a byte for so long, a connection is given up as half-open
 */
public record SourceSettings(
    long clusterId,
    Compression compression,
    long prefetchBytes,
    int prefetchMessages,
    Duration redialDelay,
    Duration silenceLimit,
    SpillFolder spill) {
  /** The {@code compressor} key. */
  public enum Compression {
    NONE,
    GZIP
  }

  /** The usual limits: 2 MiB a Pump, redial after 1 s, half-open after 30 s of silence. */
  public static SourceSettings of(long clusterId, Compression compression, SpillFolder spill) {
    return new SourceSettings(
        clusterId, compression, 2L << 20, 16, Duration.ofSeconds(1), Duration.ofSeconds(30), spill);
  }
}
