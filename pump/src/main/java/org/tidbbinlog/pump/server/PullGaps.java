package org.tidbbinlog.pump.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.pull.PullGap;
import org.tidbbinlog.cluster.pull.PullHeaders;
import org.tidbbinlog.node.metrics.Counter;
import org.tidbbinlog.node.metrics.Family;
import org.tidbbinlog.node.metrics.Metrics;
import org.tidbbinlog.pump.storage.GapPolicy;
import org.tidbbinlog.pump.storage.PullGapException;

/**
 * Who is refused and who is served when a pull asks for what is collected or damaged (I9), and how
 * often that was. All methods may be called by all threads.
 */
final class PullGaps {
  private static final Logger LOG = LoggerFactory.getLogger(PullGaps.class);
  private final GapPolicy withoutHeader;
  private final Clock clock;
  private final Counter refused;
  private final Counter served;
  private Last last = new Last(Tso.ZERO, Tso.ZERO, "", Instant.EPOCH);

  private record Last(Tso from, Tso to, String answer, Instant at) {}

  /**
   * @param withoutHeader for readers that say nothing: the original's Drainers
   */
  PullGaps(GapPolicy withoutHeader, Metrics metrics, Clock clock) {
    this.withoutHeader = withoutHeader;
    this.clock = clock;
    Family<Counter> gaps =
        metrics.counters(
            "binlog_pump_pull_gap_count",
            "Pulls of what is collected or damaged: refused, or served with what there is.",
            "answer");
    refused = gaps.with("refused");
    served = gaps.with("served");
  }

  GapPolicy policy(Metadata headers) {
    String asked = headers.get(PullHeaders.GAP);
    if (PullHeaders.REFUSE.equals(asked)) {
      return GapPolicy.REFUSE;
    }
    return PullHeaders.ACCEPT.equals(asked) ? GapPolicy.SKIP : withoutHeader;
  }

  /** What a pull stream that broke ends with. */
  Status refuse(PullGapException gap) {
    refused.increment();
    note(gap.fromExclusive(), gap.gcTs(), "refused");
    return Status.OUT_OF_RANGE.withDescription(gap.getMessage()).withCause(gap);
  }

  /** Both ends, for readers that are programs; nothing when the end has another reason. */
  static Metadata trailers(Status end) {
    return end.getCause() instanceof PullGapException gap
        ? PullHeaders.trailers(new PullGap(gap.fromExclusive(), gap.gcTs()))
        : new Metadata();
  }

  void serve(Tso from, Tso to) {
    served.increment();
    note(from, to, "served");
  }

  private synchronized void note(Tso from, Tso to, String answer) {
    last = new Last(from, to, answer, clock.now());
    LOG.atError()
        .addKeyValue("from", from)
        .addKeyValue("to", to)
        .addKeyValue("answer", answer)
        .log("a drainer asks for binlogs that are collected or damaged");
  }

  synchronized ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("refused", refused.value());
    json.put("served", served.value());
    json.put("withoutHeader", withoutHeader == GapPolicy.REFUSE ? "refused" : "served");
    if (!last.answer.isEmpty()) {
      json.putObject("last")
          .put("answer", last.answer)
          .put("fromTS", last.from.value())
          .put("toTS", last.to.value())
          .put("at", last.at.toString());
    }
    return json;
  }
}
