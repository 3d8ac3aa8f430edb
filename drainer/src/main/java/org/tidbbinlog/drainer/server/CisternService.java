package org.tidbbinlog.drainer.server;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.node.process.DaemonThread;
import org.tidbbinlog.wire.cistern.CisternGrpc;
import org.tidbbinlog.wire.cistern.DumpBinlogReq;
import org.tidbbinlog.wire.cistern.DumpBinlogResp;
import org.tidbbinlog.wire.cistern.DumpDDLJobsReq;
import org.tidbbinlog.wire.cistern.DumpDDLJobsResp;
import org.tidbbinlog.wire.cistern.NotifyReq;
import org.tidbbinlog.wire.cistern.NotifyResp;

/**
 * What Pumps call: {@code Notify} makes a new Pump part of the merge before it takes its first
 * write. The other two calls are dead and answer nothing. Source: pump-protocol sections 1 and 9.
 */
final class CisternService extends CisternGrpc.CisternImplBase implements AutoCloseable {
  private static final int MAX_WAITING = 64;

  /** Reads the list of Pumps again; may block. */
  interface Refresh {
    void run() throws InterruptedException;
  }

  private final Refresh refresh;
  private final ThreadPoolExecutor worker;

  CisternService(Refresh refresh) {
    this.refresh = refresh;
    this.worker =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(MAX_WAITING),
            DaemonThread.ofPool("drainer-notify"));
  }

  @Override
  public void notify(NotifyReq request, StreamObserver<NotifyResp> reply) {
    try {
      worker.execute(() -> answer(reply));
    } catch (RejectedExecutionException e) {
      reply.onError(Status.UNAVAILABLE.withDescription("drainer is stopping").asException());
    }
  }

  private void answer(StreamObserver<NotifyResp> reply) {
    try {
      refresh.run();
      reply.onNext(NotifyResp.getDefaultInstance());
      reply.onCompleted();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      reply.onError(Status.UNAVAILABLE.withDescription("drainer is stopping").asException());
    } catch (RetryableException e) {
      reply.onError(Status.UNAVAILABLE.withDescription(e.getMessage()).asException());
    } catch (RuntimeException | Error e) {
      reply.onError(Status.UNKNOWN.withDescription(e.getMessage()).asException());
    }
  }

  @Override
  public void dumpBinlog(DumpBinlogReq request, StreamObserver<DumpBinlogResp> reply) {
    reply.onCompleted();
  }

  @Override
  public void dumpDDLJobs(DumpDDLJobsReq request, StreamObserver<DumpDDLJobsResp> reply) {
    reply.onNext(DumpDDLJobsResp.getDefaultInstance());
    reply.onCompleted();
  }

  @Override
  public void close() {
    worker.shutdownNow();
  }
}
