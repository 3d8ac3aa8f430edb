package org.tidbbinlog.cluster.pull;

import io.grpc.Metadata;

/**
 * Request headers of PullBinlogs that only our nodes know; the original's ignore them. Invariant
 * I9: a Drainer that sends {@link #REFUSE} is never served past data that was collected, but gets
 * OUT_OF_RANGE with both ends of the gap.
 */
public final class PullHeaders {
  /**
   * {@code refuse}; anything else, or nothing: served from the oldest data, as the original does.
   */
  public static final Metadata.Key<String> GAP =
      Metadata.Key.of("tidb-binlog-gap", Metadata.ASCII_STRING_MARSHALLER);

  public static final String REFUSE = "refuse";

  private PullHeaders() {}

  /** What our Drainer sends. */
  public static Metadata strict() {
    Metadata headers = new Metadata();
    headers.put(GAP, REFUSE);
    return headers;
  }
}
