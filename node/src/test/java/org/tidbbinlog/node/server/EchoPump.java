package org.tidbbinlog.node.server;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.AtomicInteger;
import org.tidbbinlog.wire.pump.PullBinlogReq;
import org.tidbbinlog.wire.pump.PullBinlogResp;
import org.tidbbinlog.wire.pump.PumpGrpc;
import org.tidbbinlog.wire.pump.WriteBinlogReq;
import org.tidbbinlog.wire.pump.WriteBinlogResp;

/**
 * Answers a write with the length of its payload, a pull with as many empty items as its offset.
 */
final class EchoPump extends PumpGrpc.PumpImplBase {
  final AtomicInteger writes = new AtomicInteger();

  @Override
  public void writeBinlog(WriteBinlogReq request, StreamObserver<WriteBinlogResp> out) {
    writes.incrementAndGet();
    out.onNext(
        WriteBinlogResp.newBuilder().setErrmsg("bytes " + request.getPayload().size()).build());
    out.onCompleted();
  }

  @Override
  public void pullBinlogs(PullBinlogReq request, StreamObserver<PullBinlogResp> out) {
    for (long i = 0; i < request.getStartFrom().getOffset(); i++) {
      out.onNext(PullBinlogResp.getDefaultInstance());
    }
    out.onCompleted();
  }
}
