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
import org.tidbbinlog.pump.storage.BinlogStore;
import org.tidbbinlog.pump.storage.CorruptRecordException;
import org.tidbbinlog.pump.storage.GapPolicy;
import org.tidbbinlog.pump.storage.PullCursor;
import org.tidbbinlog.pump.storage.PullGapException;
import org.tidbbinlog.pump.storage.PullRecord;
import org.tidbbinlog.pump.storage.StoreReadException;
import org.tidbbinlog.wire.pump.PullBinlogReq;

/**
 * PullBinlogs: all open streams and what they share. A client that sends {@link PullHeaders#REFUSE}
 * gets OUT_OF_RANGE with both ends when it asks for collected data (I9); one that does not know the
 * header is served from the oldest data, as by the original, only when configured so ({@code
 * serve-gaps}). Source: pump-protocol section 6.
 */
final class PullService implements ServerCallHandler<PullBinlogReq, PullRecord> {
  private static final Logger LOG = LoggerFactory.getLogger(PullService.class);
  private static final Duration END_STEP = Duration.ofMillis(10);

  private final ClusterCheck cluster;
  private final BinlogStore store;
  private final PullGaps gaps;
  private final PumpMetrics metrics;
  private final Clock clock;
  private final Executor executor;
  private final SendBudget budget = SendBudget.ofThisProcess();
  private final Set<PullCall> open = ConcurrentHashMap.newKeySet();
  private volatile boolean ending;

  PullService(
      ClusterCheck cluster,
      BinlogStore store,
      PullGaps gaps,
      PumpMetrics metrics,
      Clock clock,
      Executor executor) {
    this.cluster = cluster;
    this.store = store;
    this.gaps = gaps;
    this.metrics = metrics;
    this.clock = clock;
    this.executor = executor;
  }

  @Override
  public ServerCall.Listener<PullBinlogReq> startCall(
      ServerCall<PullBinlogReq, PullRecord> call, Metadata headers) {
    PullCall stream = new PullCall(call, this, gaps.policy(headers), executor, clock.nanoTime());
    open.add(stream);
    if (ending) {
      stream.finish(Status.OK);
    }
    return stream;
  }

  ClusterCheck cluster() {
    return cluster;
  }

  SendBudget budget() {
    return budget;
  }

  PullCursor open(Tso fromExclusive, GapPolicy policy) {
    LOG.atInfo().addKeyValue("from", fromExclusive).log("pull stream opened");
    if (fromExclusive.isZero()) {
      return fromOldest(policy);
    }
    PullCursor cursor = store.pull(fromExclusive, policy);
    if (cursor.skippedGaps() > 0) {
      gaps.serve(fromExclusive, cursor.position());
    }
    return cursor;
  }

  /** Zero asks for what there is, which is no gap; one that opens later is. */
  private PullCursor fromOldest(GapPolicy policy) {
    while (true) {
      try {
        return store.pull(store.gcTs(), policy);
      } catch (PullGapException e) {
        LOG.atDebug().addKeyValue("gc ts", e.gcTs()).log("collected meanwhile, looking again");
      }
    }
  }

  /** A reader that takes what there is was led over what was collected, or is damaged. */
  void overtaken(Tso from, Tso to) {
    gaps.serve(from, to);
  }

  void ended(PullCall stream, long startedNs, Status status) {
    open.remove(stream);
    long tookNs = clock.nanoTime() - startedNs;
    boolean failed =
        switch (status.getCode()) {
          case INTERNAL, DATA_LOSS, OUT_OF_RANGE, UNAVAILABLE -> true;
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
    if (e instanceof PullGapException gap) {
      return gaps.refuse(gap);
    }
    metrics.pullReadFailed();
    return statusOf(e);
  }

  private static Status statusOf(RuntimeException e) {
    String text = String.valueOf(e.getMessage());
    if (e instanceof CorruptRecordException) {
      return Status.DATA_LOSS.withDescription(text);
    }
    if (e instanceof StoreReadException) {
      return Status.UNAVAILABLE.withDescription(text);
    }
    return Status.INTERNAL.withDescription(text);
  }
}
