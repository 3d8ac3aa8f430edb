package org.tidbbinlog.drainer.source;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.pull.PullGap;
import org.tidbbinlog.cluster.pull.PullHeaders;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.binlog.BinlogHeader;
import org.tidbbinlog.drainer.merge.MergeInput;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.wire.pump.Pos;
import org.tidbbinlog.wire.pump.PullBinlogReq;

/**
 * One connection's pull: from a timestamp until it breaks. Messages come on gRPC's threads; more
 * are asked for only while the merge queue has room.
 */
final class PullStream extends ClientCall.Listener<PullMethod.Entity> implements AutoCloseable {
  private static final Duration CHANNEL_STOP = Duration.ofSeconds(1);

  private final MergeInput<PulledBinlog> input;
  private final SourceSettings settings;
  private final Clock clock;
  private final Consumer<PulledBinlog> observer;
  private final ManagedChannel channel;
  private final ClientCall<PullBinlogReq, PullMethod.Entity> call;
  private final CompletableFuture<Status> end = new CompletableFuture<>();
  private final Object demand = new Object();
  private int underWay;
  private volatile long lastByteNanos;
  private volatile Optional<PullGap> gap = Optional.empty();

  PullStream(
      MergeInput<PulledBinlog> input,
      ManagedChannel channel,
      SourceSettings settings,
      Clock clock,
      Consumer<PulledBinlog> observer) {
    this.input = input;
    this.settings = settings;
    this.clock = clock;
    this.observer = observer;
    this.channel = channel;
    this.lastByteNanos = clock.nanoTime();
    CallOptions options = CallOptions.DEFAULT.withStreamTracerFactory(new ByteWatch());
    if (settings.compression() == SourceSettings.Compression.GZIP) {
      options = options.withCompression("gzip");
    }
    this.call = channel.newCall(PullMethod.descriptor(settings.spill()), options);
  }

  /** What to do when the Pump has collected binlogs after the timestamp asked for. */
  enum Gap {
    /** Go on after it, as the original does. */
    ACCEPT,
    /** End the stream with both ends of it (I9); Go Pumps do not know how to. */
    REFUSE
  }

  void start(Tso from, Gap gap) {
    call.start(this, gap == Gap.REFUSE ? PullHeaders.strict() : PullHeaders.lenient());
    call.sendMessage(
        PullBinlogReq.newBuilder()
            .setClusterID(settings.clusterId())
            .setStartFrom(Pos.newBuilder().setOffset(from.value()))
            .build());
    call.halfClose();
    input.onRoom(this::askForMore);
    askForMore();
  }

  /** Waits for the end of the stream; empty when {@code limit} passed first. */
  Optional<Status> awaitEnd(Duration limit) throws InterruptedException {
    try {
      return Optional.of(end.get(limit.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      return Optional.of(Status.fromThrowable(e));
    }
  }

  /** What the Pump says is gone; once the stream has ended. */
  Optional<PullGap> gap() {
    return gap;
  }

  /** No byte has come for too long although some were asked for. */
  boolean isHalfOpen() {
    synchronized (demand) {
      return underWay > 0 && clock.nanoTime() - lastByteNanos > settings.silenceLimit().toNanos();
    }
  }

  @Override
  public void onMessage(PullMethod.Entity entity) {
    synchronized (demand) {
      underWay--;
    }
    try {
      PulledBinlog binlog = binlog(entity);
      observer.accept(binlog);
      input.offer(binlog);
    } catch (RuntimeException | Error e) {
      entity.payload().letGo();
      throw e;
    }
    askForMore();
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    gap = PullHeaders.gap(trailers);
    end.complete(status);
  }

  @Override
  public void close() {
    input.onRoom(() -> {});
    call.cancel("closed by drainer", null);
    channel.shutdownNow();
    try {
      channel.awaitTermination(CHANNEL_STOP.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void askForMore() {
    int missing;
    synchronized (demand) {
      boolean room = input.queuedBytes() < settings.prefetchBytes();
      missing = room ? settings.prefetchMessages() - underWay : 0;
      if (missing < settings.prefetchMessages() / 2) {
        missing = 0;
      }
      if (underWay == 0) {
        lastByteNanos = clock.nanoTime();
      }
      underWay += missing;
    }
    if (missing > 0) {
      call.request(missing);
    }
  }

  private PulledBinlog binlog(PullMethod.Entity entity) {
    StageTimes times = new StageTimes();
    times.mark(StageTimes.Stage.RECEIVED, clock.nanoTime());
    Tso startTs = new Tso(entity.metaStartTs());
    Tso commitTs = new Tso(entity.metaCommitTs());
    try {
      BinlogHeader header = entity.payload().read(bytes -> BinlogHeader.peek(bytes.buffer()));
      startTs = header.startTs();
      commitTs = header.commitTs();
    } catch (DecodeException e) {
      if (commitTs.isZero()) {
        throw withoutTimestamps(e);
      }
    }
    return new PulledBinlog(input.nodeId(), startTs, commitTs, entity.payload(), times);
  }

  /** The record has no name that ignore-txn-commit-ts could be given: the way out leads past it. */
  private OperatorException withoutTimestamps(DecodeException cause) {
    Tso last = input.received();
    return new OperatorException(
        "pump "
            + input.nodeId()
            + " sent a binlog after commit ts "
            + last
            + " ("
            + last.instant()
            + ") that cannot be read ("
            + cause.getMessage()
            + ") and has no timestamp, so that ignore-txn-commit-ts cannot name it; nothing past it"
            + " is applied. Ways out: repair that pump's data (GET /debug/binlog/<commit ts> there"
            + " shows a record it holds); or go on behind it: choose a commit ts T later than "
            + last
            + ", remove the checkpoint, start with -initial-commit-ts=T, and copy by hand what the"
            + " source changed from the old checkpoint up to T",
        cause);
  }

  /** Notices every byte, so that a large message under way is not taken for silence. */
  private final class ByteWatch extends ClientStreamTracer.Factory {
    @Override
    public ClientStreamTracer newClientStreamTracer(
        ClientStreamTracer.StreamInfo info, Metadata headers) {
      return new ClientStreamTracer() {
        @Override
        public void inboundWireSize(long bytes) {
          lastByteNanos = clock.nanoTime();
        }
      };
    }
  }
}
