package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.wire.pump.Entity;
import org.tidbbinlog.wire.pump.Pos;
import org.tidbbinlog.wire.pump.PullBinlogReq;
import org.tidbbinlog.wire.pump.PullBinlogResp;
import org.tidbbinlog.wire.pump.PumpGrpc;

/** A pull stream that collects what comes; checks I1 on the way. */
final class Puller implements AutoCloseable, StreamObserver<PullBinlogResp> {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration PAST_LIMIT = Duration.ofSeconds(60);
  private final List<Entity> received = new ArrayList<>();
  private final CompletableFuture<Status> end = new CompletableFuture<>();
  private final Context.CancellableContext context = Context.current().withCancellation();
  private volatile long lastCommitTs;

  private Puller(long from) {
    this.lastCommitTs = from;
  }

  static Puller start(Channel channel, long clusterId, long from) {
    Puller puller = new Puller(from);
    PullBinlogReq request =
        PullBinlogReq.newBuilder()
            .setClusterID(clusterId)
            .setStartFrom(Pos.newBuilder().setOffset(from))
            .build();
    puller.context.run(() -> PumpGrpc.newStub(channel).pullBinlogs(request, puller));
    return puller;
  }

  @Override
  public void onNext(PullBinlogResp response) {
    long commitTs = response.getEntity().getMeta().getCommitTs();
    if (commitTs <= lastCommitTs) {
      end.complete(Status.INTERNAL.withDescription(commitTs + " came after " + lastCommitTs));
      return;
    }
    synchronized (received) {
      received.add(response.getEntity());
    }
    lastCommitTs = commitTs;
  }

  @Override
  public void onError(Throwable t) {
    end.complete(Status.fromThrowable(t));
  }

  @Override
  public void onCompleted() {
    end.complete(Status.OK);
  }

  List<Entity> received() {
    synchronized (received) {
      return List.copyOf(received);
    }
  }

  static Binlog binlog(Entity entity) {
    return Binlog.decode(entity.getPayload().asReadOnlyByteBuffer());
  }

  /** What came so far, without heartbeats. */
  List<Binlog> transactions() {
    return received().stream().map(Puller::binlog).filter(binlog -> !binlog.isFake()).toList();
  }

  List<Binlog> awaitTransactions(int count) {
    await().atMost(LIMIT).until(() -> transactions().size() >= count || end.isDone());
    assertThat(transactions()).as("end of stream: %s", end).hasSizeGreaterThanOrEqualTo(count);
    return transactions();
  }

  /** Until something at or above this commit timestamp came, or the stream ended. */
  void awaitPast(long commitTs) {
    await()
        .atMost(PAST_LIMIT)
        .until(() -> end.isDone() || (!received().isEmpty() && lastCommitTs >= commitTs));
  }

  Status awaitEnd() {
    return await().atMost(LIMIT).until(() -> end.getNow(Status.UNKNOWN), s -> end.isDone());
  }

  boolean ended() {
    return end.isDone();
  }

  @Override
  public void close() {
    context.cancel(Status.CANCELLED.asException());
  }
}
