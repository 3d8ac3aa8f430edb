package org.tidbbinlog.pump.server;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.pull.PullHeaders;
import org.tidbbinlog.pump.storage.BinlogStore;
import org.tidbbinlog.pump.storage.CorruptRecordException;
import org.tidbbinlog.pump.storage.GapPolicy;
import org.tidbbinlog.pump.storage.PullCursor;
import org.tidbbinlog.pump.storage.PullGapException;
import org.tidbbinlog.pump.storage.PullRecord;
import org.tidbbinlog.wire.pump.PullBinlogReq;

/**
 * PullBinlogs: all open streams and what they share. A client that sends {@link PullHeaders#REFUSE}
 * gets OUT_OF_RANGE with both ends when it asks for collected data (I9); one that does not know the
 * header is served as by the original, and the gap is logged. Source: pump-protocol section 6.
 */
final class PullService implements ServerCallHandler<PullBinlogReq, PullRecord> {
  private static final Logger LOG = LoggerFactory.getLogger(PullService.class);
  private static final Duration END_STEP = Duration.ofMillis(10);

  private final ClusterCheck cluster;
  private final BinlogStore store;
  private final PumpMetrics metrics;
  private final Clock clock;
  private final Executor executor;
  private final Set<PullCall> open = ConcurrentHashMap.newKeySet();
  private volatile boolean ending;

  PullService(
      ClusterCheck cluster,
      BinlogStore store,
      PumpMetrics metrics,
      Clock clock,
      Executor executor) {
    this.cluster = cluster;
    this.store = store;
    this.metrics = metrics;
    this.clock = clock;
    this.executor = executor;
  }

  @Override
  public ServerCall.Listener<PullBinlogReq> startCall(
      ServerCall<PullBinlogReq, PullRecord> call, Metadata headers) {
    GapPolicy policy =
        PullHeaders.REFUSE.equals(headers.get(PullHeaders.GAP)) ? GapPolicy.REFUSE : GapPolicy.SKIP;
    PullCall stream = new PullCall(call, this, policy, executor, clock.nanoTime());
    open.add(stream);
    if (ending) {
      stream.finish(Status.OK);
    }
    return stream;
  }

  ClusterCheck cluster() {
    return cluster;
  }

  PullCursor open(Tso fromExclusive, GapPolicy policy) {
    if (!fromExclusive.isZero() && fromExclusive.isBefore(store.gcTs())) {
      LOG.atError()
          .addKeyValue("from", fromExclusive)
          .addKeyValue("gc ts", store.gcTs())
          .addKeyValue("policy", policy)
          .log("a drainer asks for binlogs that are collected");
    }
    LOG.atInfo().addKeyValue("from", fromExclusive).log("pull stream opened");
    return store.pull(fromExclusive, fromExclusive.isZero() ? GapPolicy.SKIP : policy);
  }

  void ended(PullCall stream, long startedNs, Status status) {
    open.remove(stream);
    long tookNs = clock.nanoTime() - startedNs;
    boolean failed =
        switch (status.getCode()) {
          case INTERNAL, DATA_LOSS, OUT_OF_RANGE -> true;
          default -> false;
        };
    if (failed) {
      metrics.pullFailed(tookNs);
    } else {
      metrics.pulled(tookNs);
    }
    LOG.atInfo().addKeyValue("status", status.getCode()).log("pull stream ended");
  }

  int openStreams() {
    return open.size();
  }

  /** Ends all streams with OK and waits a little until their last words are handed over. */
  void endAll(Duration limit) throws InterruptedException {
    ending = true;
    open.forEach(stream -> stream.finish(Status.OK));
    long endNs = clock.nanoTime() + limit.toNanos();
    while (!open.isEmpty() && clock.nanoTime() < endNs) {
      clock.sleep(END_STEP);
    }
  }

  /** The store gave an error instead of a record. */
  Status broken(RuntimeException e) {
    if (!(e instanceof PullGapException)) {
      metrics.pullReadFailed();
    }
    return statusOf(e);
  }

  private static Status statusOf(RuntimeException e) {
    String text = String.valueOf(e.getMessage());
    if (e instanceof PullGapException) {
      return Status.OUT_OF_RANGE.withDescription(text);
    }
    if (e instanceof CorruptRecordException) {
      return Status.DATA_LOSS.withDescription(text);
    }
    return Status.INTERNAL.withDescription(text);
  }
}
