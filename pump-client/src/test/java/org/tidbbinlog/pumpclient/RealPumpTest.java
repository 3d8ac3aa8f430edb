package org.tidbbinlog.pumpclient;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Context;
import java.nio.ByteBuffer;
import java.util.Iterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.cluster.net.PdUrls;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.binlog.BinlogKind;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.wire.pump.Pos;
import org.tidbbinlog.wire.pump.PullBinlogReq;
import org.tidbbinlog.wire.pump.PullBinlogResp;
import org.tidbbinlog.wire.pump.PumpGrpc;

/** The client against whatever Pumps a real cluster has: {@code -Dreal.pump.pd.urls=host:port}. */
@Timeout(60)
@EnabledIfSystemProperty(named = "real.pump.pd.urls", matches = ".+")
class RealPumpTest {
  @Test
  void transactions_writtenToARealPump_comeBackMatched() throws Exception {
    try (ClusterConnection cluster =
            ClusterConnection.open(
                PdUrls.parse(System.getProperty("real.pump.pd.urls")),
                Tls.plaintext(),
                Clock.system());
        PumpClient client = PumpClient.open(cluster, PumpClientSettings.defaults())) {
      Tso start = cluster.timeSource().next();
      Binlog prewrite =
          Binlog.prewrite(start, Payload.ofUtf8("mkey"), Payload.of(new byte[] {8, 0}));
      client.write(prewrite);
      Tso dropped = cluster.timeSource().next();
      Binlog other = Binlog.prewrite(dropped, Payload.ofUtf8("m2"), Payload.of(new byte[] {8, 0}));
      client.write(other);
      Tso commit = cluster.timeSource().next();
      client.write(Binlog.rollbackOf(other));
      client.write(Binlog.commitOf(prewrite, commit));
      assertThat(client.openTransactions()).isZero();
      Binlog pulled = firstAfter(cluster, client, start);
      assertThat(pulled.kind()).isEqualTo(BinlogKind.COMMIT);
      assertThat(pulled.startTs()).isEqualTo(start);
      assertThat(pulled.commitTs()).isEqualTo(commit);
      assertThat(pulled.prewriteValue()).isEqualTo(prewrite.prewriteValue());
    }
  }

  private static Binlog firstAfter(ClusterConnection cluster, PumpClient client, Tso ts) {
    var channel = Channels.open(client.pumps().get(0).status().host(), Tls.plaintext());
    try (Context.CancellableContext context = Context.current().withCancellation()) {
      Context before = context.attach();
      try {
        Iterator<PullBinlogResp> stream =
            PumpGrpc.newBlockingStub(channel)
                .pullBinlogs(
                    PullBinlogReq.newBuilder()
                        .setClusterID(cluster.clusterId())
                        .setStartFrom(Pos.newBuilder().setOffset(ts.value()))
                        .build());
        Binlog binlog;
        do {
          binlog =
              Binlog.decode(ByteBuffer.wrap(stream.next().getEntity().getPayload().toByteArray()));
        } while (binlog.isFake());
        return binlog;
      } finally {
        context.detach(before);
      }
    } finally {
      channel.shutdownNow();
    }
  }
}
