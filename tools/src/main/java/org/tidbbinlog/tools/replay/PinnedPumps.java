package org.tidbbinlog.tools.replay;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.wire.pump.PumpGrpc;
import org.tidbbinlog.wire.pump.WriteBinlogReq;

/**
 * Spreads transactions over a fixed set of Pumps by start timestamp, and waits for a Pump that is
 * away instead of choosing another: what a Pump misses, no other one has.
 */
public final class PinnedPumps implements BinlogWriter, AutoCloseable {
  private static final Duration CALL_LIMIT = Duration.ofMinutes(1);
  private static final Duration RETRY_LIMIT = Duration.ofMinutes(2);
  private static final long PAUSE_MS = 100;

  private final long clusterId;
  private final List<ManagedChannel> channels = new ArrayList<>();

  /** {@code addresses}: host:port of each Pump. */
  public PinnedPumps(long clusterId, List<String> addresses) {
    this.clusterId = clusterId;
    for (String address : addresses) {
      channels.add(NettyChannelBuilder.forTarget(address).usePlaintext().build());
    }
  }

  @Override
  public void write(Binlog binlog) throws InterruptedException {
    long spread = (binlog.startTs().value() * 0x9E3779B97F4A7C15L) >>> 33;
    ManagedChannel channel = channels.get((int) (spread % channels.size()));
    WriteBinlogReq request =
        WriteBinlogReq.newBuilder()
            .setClusterID(clusterId)
            .setPayload(UnsafeByteOperations.unsafeWrap(binlog.encode()))
            .build();
    long deadline = System.nanoTime() + RETRY_LIMIT.toNanos();
    while (!tryWrite(channel, request, deadline)) {
      Thread.sleep(PAUSE_MS);
    }
  }

  private static boolean tryWrite(ManagedChannel channel, WriteBinlogReq request, long deadline) {
    try {
      String error =
          PumpGrpc.newBlockingStub(channel)
              .withDeadlineAfter(CALL_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
              .writeBinlog(request)
              .getErrmsg();
      if (!error.isEmpty()) {
        throw new OperatorException("a Pump refused a binlog: " + error);
      }
      return true;
    } catch (StatusRuntimeException e) {
      boolean mayPass =
          e.getStatus().getCode() == Status.Code.UNAVAILABLE
              || String.valueOf(e.getStatus().getDescription()).startsWith("no online");
      if (!mayPass || System.nanoTime() > deadline) {
        throw new OperatorException("a Pump refused a binlog: " + e.getMessage(), e);
      }
      return false;
    }
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
  }
}
