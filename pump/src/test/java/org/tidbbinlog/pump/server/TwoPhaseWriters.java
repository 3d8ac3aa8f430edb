package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.wire.pump.PumpGrpc;
import org.tidbbinlog.wire.pump.WriteBinlogReq;

/**
 * 64 writers that do two-phase commits as TiDB does, and what they know: TiKV's side goes into the
 * double, the Pump's acknowledgements are kept here.
 */
final class TwoPhaseWriters {
  private static final int WRITERS = 64;

  private final ClusterDouble cluster;

  /** Commit timestamp to start timestamp, of transactions whose Prewrite was acknowledged. */
  private final Map<Long, Long> acknowledged = new ConcurrentSkipListMap<>();

  private final AtomicLong next = new AtomicLong();
  private final List<Thread> running = new ArrayList<>();
  private volatile boolean stopped;

  TwoPhaseWriters(ClusterDouble cluster) {
    this.cluster = cluster;
  }

  /** Each goes on until the Pump fails it, or until {@link #stop}. */
  void start(Channel channel) {
    stopped = false;
    for (int i = 0; i < WRITERS; i++) {
      Thread writer = new Thread(() -> writeUntilItFails(channel), "test-writer-" + i);
      writer.start();
      running.add(writer);
    }
  }

  void stop() throws InterruptedException {
    stopped = true;
    awaitEnd();
  }

  void awaitEnd() throws InterruptedException {
    for (Thread writer : running) {
      writer.join();
    }
    running.clear();
  }

  int acknowledged() {
    return acknowledged.size();
  }

  private void writeUntilItFails(Channel channel) {
    try {
      while (!stopped) {
        transaction(channel, next.incrementAndGet());
      }
    } catch (StatusRuntimeException e) {
      // the Pump is gone, as it was meant to
    }
  }

  /** Every seventh is rolled back; a committed one counts once TiKV has it, as for TiDB. */
  private void transaction(Channel channel, long number) {
    byte[] key = ("key-" + number).getBytes(StandardCharsets.US_ASCII);
    Tso startTs = cluster.pd().nextTso();
    Payload value = Payload.ofUtf8("value-" + startTs + "-" + "x".repeat((int) (number % 900)));
    Binlog prewrite = Binlog.prewrite(startTs, Payload.of(key), value);
    cluster.tikv().lockTransaction(startTs, key, Duration.ofSeconds(20));
    try {
      write(channel, prewrite);
    } catch (StatusRuntimeException e) {
      cluster.tikv().rollbackTransaction(startTs, key);
      throw e;
    }
    if (number % 7 == 0) {
      cluster.tikv().rollbackTransaction(startTs, key);
      write(channel, Binlog.rollbackOf(prewrite));
      return;
    }
    Tso commitTs = cluster.pd().nextTso();
    cluster.tikv().commitTransaction(startTs, commitTs, key);
    acknowledged.put(commitTs.value(), startTs.value());
    write(channel, Binlog.commitOf(prewrite, commitTs));
  }

  private void write(Channel channel, Binlog binlog) {
    PumpGrpc.newBlockingStub(channel)
        .withDeadlineAfter(30, TimeUnit.SECONDS)
        .writeBinlog(
            WriteBinlogReq.newBuilder()
                .setClusterID(cluster.clusterId())
                .setPayload(ByteString.copyFrom(binlog.encode()))
                .build());
  }

  /** Pulls everything and compares. */
  void checkPulled(Channel channel, long seed) throws Exception {
    Tso end = cluster.pd().nextTso();
    try (Puller puller = Puller.start(channel, cluster.clusterId(), 0)) {
      puller.awaitPast(end.value());
      assertThat(puller.ended()).as("order of the stream, seed %s", seed).isFalse();
      check(puller.transactions(), seed);
    }
  }

  /** I1, I3: all and only what was committed, once. */
  private void check(List<Binlog> pulled, long seed) {
    Map<Long, Long> got = new TreeMap<>();
    Map<Long, Integer> times = new HashMap<>();
    for (Binlog binlog : pulled) {
      got.put(binlog.commitTs().value(), binlog.startTs().value());
      times.merge(binlog.startTs().value(), 1, Integer::sum);
      assertThat(binlog.prewriteValue().utf8()).startsWith("value-" + binlog.startTs() + "-");
    }
    assertThat(times.values()).as("once each, seed %s", seed).allMatch(count -> count == 1);
    assertThat(got).as("all and only the committed, seed %s", seed).isEqualTo(acknowledged);
    assertThat(acknowledged).as("transactions").isNotEmpty();
  }
}
