package org.tidbbinlog.pump.server;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.pump.storage.GapPolicy;
import org.tidbbinlog.pump.storage.PullCursor;
import org.tidbbinlog.pump.storage.PullRecord;
import org.tidbbinlog.pump.storage.StoreClosedException;
import org.tidbbinlog.wire.pump.PullBinlogReq;

/**
 * One pull stream: reads its cursor while HTTP/2 wants more, sleeps without a thread while it does
 * not or while there is nothing new. {@link #pump} runs on the pull executor, one run at a time,
 * and is the only one that touches the cursor and sends. Promises I1 through the cursor; what waits
 * for the client is bounded by the ready threshold plus one record, and over all streams by the
 * {@link SendBudget} (I10).
 */
final class PullCall extends ServerCall.Listener<PullBinlogReq> {
  private static final Logger LOG = LoggerFactory.getLogger(PullCall.class);

  /** Bytes sent before other streams get a turn. */
  private static final int TURN_BYTES = 1 << 20;

  /** What a record costs at least beside its bytes. */
  private static final int RECORD_BYTES = 256;

  /** With less than this on its way to the client there is room for more. */
  private static final int READY_BELOW_BYTES = 256 << 10;

  private final ServerCall<PullBinlogReq, PullRecord> call;
  private final PullService service;
  private final GapPolicy gapPolicy;
  private final Executor executor;
  private final long startedNs;
  private final AtomicInteger wakes = new AtomicInteger();
  private final SendBudget.Share share;
  private volatile Status end = Status.OK;
  private volatile Life life = Life.ASKING;
  private Optional<PullCursor> cursor = Optional.empty();

  /** Read, and waits for its share of the budget. */
  private Optional<PullRecord> pending = Optional.empty();

  private boolean toldWait;

  private Tso from = Tso.ZERO;

  private enum Life {
    /** The request has not come; readiness means nothing yet. */
    ASKING,
    RUNNING,
    /** Somebody asked for the end; the next run does it. */
    ENDING,
    /** The call is gone, what it held is not yet. */
    BROKEN,
    ENDED
  }

  PullCall(
      ServerCall<PullBinlogReq, PullRecord> call,
      PullService service,
      GapPolicy gapPolicy,
      Executor executor,
      long startedNs) {
    this.call = call;
    this.service = service;
    this.gapPolicy = gapPolicy;
    this.executor = executor;
    this.startedNs = startedNs;
    this.share = service.budget().share(this::wake);
    call.setOnReadyThreshold(READY_BELOW_BYTES);
    call.request(1);
  }

  @Override
  public void onMessage(PullBinlogReq request) {
    try {
      service.cluster().require(request.getClusterID());
    } catch (WriteRefusedException e) {
      finish(Status.UNKNOWN.withDescription(e.getMessage()));
      return;
    }
    start(new Tso(Math.max(0, request.getStartFrom().getOffset())));
  }

  private void start(Tso fromExclusive) {
    synchronized (this) {
      if (life != Life.ASKING) {
        return;
      }
      from = fromExclusive;
      life = Life.RUNNING;
    }
    wake();
  }

  @Override
  public void onReady() {
    wake();
  }

  @Override
  public void onCancel() {
    finish(Status.CANCELLED);
  }

  /** Ends the stream from any thread, once; later calls change nothing. */
  void finish(Status status) {
    synchronized (this) {
      if (life != Life.ASKING && life != Life.RUNNING) {
        return;
      }
      end = status;
      life = Life.ENDING;
    }
    wake();
  }

  /** Starts the pump unless it runs; then it will run once more. */
  private void wake() {
    if (wakes.getAndIncrement() == 0) {
      submit();
    }
  }

  private void submit() {
    try {
      executor.execute(this::pump);
    } catch (RejectedExecutionException e) {
      LOG.atDebug().log("pull executor is closed, stream ends with the port");
    }
  }

  private void pump() {
    int seen = wakes.get();
    Turn turn = Turn.WAIT;
    try {
      turn = life == Life.RUNNING ? send() : turn;
    } catch (StoreClosedException e) {
      finish(Status.OK);
    } catch (RuntimeException e) {
      LOG.atError().addKeyValue("from", from).setCause(e).log("pull stream broke");
      finish(service.broken(e));
    } catch (OutOfMemoryError e) {
      // The transport has cancelled the call; the client comes again.
      LOG.atError()
          .addKeyValue("from", cursor.map(PullCursor::position).orElse(from))
          .setCause(e)
          .log("no memory to send a record, raise -XX:MaxDirectMemorySize above its size");
      life = Life.BROKEN;
    } catch (Error e) {
      // An unreadable sector under a mapped record is an InternalError.
      LOG.atError().addKeyValue("from", from).setCause(e).log("pull stream broke");
      finish(Status.INTERNAL.withDescription(e.toString()));
    }
    if (life == Life.ENDING) {
      close();
    } else if (life == Life.BROKEN) {
      release(Status.INTERNAL);
    }
    if (turn == Turn.AGAIN || wakes.addAndGet(-seen) > 0) {
      wakes.set(1);
      submit();
    }
  }

  private enum Turn {
    WAIT,
    AGAIN
  }

  private Turn send() {
    PullCursor records = openCursor();
    for (long sentBytes = 0; sentBytes < TURN_BYTES; ) {
      if (!call.isReady()) {
        return Turn.WAIT;
      }
      share.giveBack(); // Ready again: what was sent has left.
      if (pending.isEmpty()) {
        pending = read(records);
      }
      if (pending.isEmpty()) {
        records.onReady(this::wake);
        return Turn.WAIT;
      }
      PullRecord next = pending.get();
      int bytes = next.sizeBytes();
      if (!share.tryTake(bytes)) {
        tellWait(next);
        return Turn.WAIT;
      }
      pending = Optional.empty();
      toldWait = false;
      call.sendMessage(next);
      sentBytes += RECORD_BYTES + bytes;
    }
    return Turn.AGAIN;
  }

  private Optional<PullRecord> read(PullCursor records) {
    long gapsBefore = records.skippedGaps();
    Tso before = records.position();
    Optional<PullRecord> next = records.tryNext();
    if (records.skippedGaps() > gapsBefore) {
      service.overtaken(before, records.skippedTo());
    }
    return next;
  }

  private void tellWait(PullRecord next) {
    if (!toldWait) {
      toldWait = true;
      LOG.atWarn()
          .addKeyValue("bytes", next.sizeBytes())
          .addKeyValue("commitTs", next.commitTs())
          .log(
              "pull stream waits: large records that other drainers do not read fill the memory;"
                  + " if it lasts, raise -XX:MaxDirectMemorySize");
    }
  }

  private PullCursor openCursor() {
    if (cursor.isEmpty()) {
      cursor = Optional.of(service.open(from, gapPolicy));
      call.sendHeaders(new Metadata());
    }
    return cursor.get();
  }

  private void close() {
    release(end);
    if (!call.isCancelled()) {
      call.close(end, PullGaps.trailers(end));
    }
  }

  private void release(Status status) {
    life = Life.ENDED;
    pending = Optional.empty();
    share.leave();
    cursor.ifPresent(PullCursor::close);
    service.ended(this, startedNs, status);
  }
}
