package org.tidbbinlog.cluster.pull;

import io.grpc.Metadata;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.base.Tso;

/**
 * Headers and trailers of PullBinlogs that only our nodes know; the original's ignore them.
 * Invariant I9: a Drainer that sends {@link #REFUSE} is never served past data that was collected,
 * but gets OUT_OF_RANGE with both ends of the gap, in words and in trailers.
 */
public final class PullHeaders {
  /** {@link #REFUSE} or {@link #ACCEPT}; without it the Pump's configuration decides. */
  public static final Metadata.Key<String> GAP = key("tidb-binlog-gap");

  public static final String REFUSE = "refuse";

  /** The reader knows that nothing it needs is missing: a Pump that joined late. */
  public static final String ACCEPT = "accept";

  private static final Metadata.Key<String> GAP_FROM = key("tidb-binlog-gap-from");
  private static final Metadata.Key<String> GAP_TO = key("tidb-binlog-gap-to");

  private PullHeaders() {}

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** What our Drainer sends. */
  public static Metadata strict() {
    return gap(REFUSE);
  }

  /** What our Drainer sends where a gap is none. */
  public static Metadata lenient() {
    return gap(ACCEPT);
  }

  private static Metadata gap(String value) {
    Metadata headers = new Metadata();
    headers.put(GAP, value);
    return headers;
  }

  /** What comes with OUT_OF_RANGE. */
  public static Metadata trailers(PullGap gap) {
    Metadata trailers = new Metadata();
    trailers.put(GAP_FROM, gap.fromExclusive().toString());
    trailers.put(GAP_TO, gap.to().toString());
    return trailers;
  }

  /** Both ends, when the trailers of a call name them. */
  public static Optional<PullGap> gap(Metadata trailers) {
    try {
      return Optional.of(new PullGap(ts(trailers.get(GAP_FROM)), ts(trailers.get(GAP_TO))));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Tso ts(@Nullable String text) {
    return new Tso(Long.parseUnsignedLong(text == null ? "" : text));
  }
}
