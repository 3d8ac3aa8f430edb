package org.tidbbinlog.tools.capture;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.binlog.BinlogHeader;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.wire.pump.Pos;
import org.tidbbinlog.wire.pump.PullBinlogReq;
import org.tidbbinlog.wire.pump.PullBinlogResp;
import org.tidbbinlog.wire.pump.PumpGrpc;

/** What one Pump delivers, one record in hand. One thread. */
final class PumpTail implements AutoCloseable {
  private final String address;
  private final ManagedChannel channel;
  private final Iterator<PullBinlogResp> stream;
  private byte[] message = {};
  private BinlogHeader header;

  /** Connects and waits for the first record; heartbeats make sure that there is one. */
  PumpTail(String address, Tls tls, long clusterId, Tso after) {
    this.address = address;
    this.channel = Channels.open(address, tls);
    this.stream =
        PumpGrpc.newBlockingStub(channel)
            .pullBinlogs(
                PullBinlogReq.newBuilder()
                    .setClusterID(clusterId)
                    .setStartFrom(Pos.newBuilder().setOffset(after.value()))
                    .build());
    this.header = receive();
  }

  /** The record in hand. */
  byte[] message() {
    return message;
  }

  BinlogHeader header() {
    return header;
  }

  /** Drops the record in hand and blocks for the next. */
  void advance() {
    header = receive();
  }

  private BinlogHeader receive() {
    try {
      if (!stream.hasNext()) {
        throw new OperatorException("Pump " + address + " ended its stream; is it stopping?");
      }
      message = stream.next().getEntity().getPayload().toByteArray();
      return BinlogHeader.peek(ByteBuffer.wrap(message));
    } catch (StatusRuntimeException e) {
      throw new OperatorException("cannot pull from Pump " + address + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
