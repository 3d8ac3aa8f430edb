package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.wire.pump.PumpGrpc;
import org.tidbbinlog.wire.pump.WriteBinlogReq;

/**
 * I2 and I3 under {@code kill -9}: 64 writers do two-phase commits as TiDB does, the Pump's process
 * is killed at random moments, and what was acknowledged is pulled once and in order.
 */
final class PumpCrashTest {
  private static final int WRITERS = 64;
  private static final long QUICK_SEED = 20261122;

  @Test
  @Timeout(240)
  @DisplayName("pump fact 16: kill -9 under 64 writers loses and repeats nothing (3 rounds)")
  void killed_underWriters_keepsWhatItAcknowledged(
      @TempDir(cleanup = CleanupMode.ON_SUCCESS) Path dir) throws Exception {
    run(dir, 3, QUICK_SEED);
  }

  @Test
  @Tag("soak")
  @Timeout(3600)
  @DisplayName("pump fact 16: kill -9 under 64 writers loses and repeats nothing (50 rounds)")
  void killedFiftyTimes_underWriters_keepsWhatItAcknowledged(
      @TempDir(cleanup = CleanupMode.ON_SUCCESS) Path dir) throws Exception {
    run(dir, 50, new Random().nextLong());
  }

  private static void run(Path dir, int rounds, long seed) throws Exception {
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (ClusterDouble cluster = ClusterDouble.start()) {
      Truth truth = new Truth(cluster);
      String addr = "-addr=127.0.0.1:0";
      for (int round = 0; round < rounds; round++) {
        try (PumpProcess pump = PumpProcess.start(cluster, dir, List.of("-Xmx256m"), addr)) {
          addr = "-addr=127.0.0.1:" + pump.port(); // a new one would have to prove the old is dead
          List<Thread> writers = truth.startWriters(pump.channel());
          Thread.sleep(300 + random.nextInt(1500));
          pump.jvm().kill9();
          for (Thread writer : writers) {
            writer.join();
          }
        }
      }
      try (PumpProcess pump = PumpProcess.start(cluster, dir, List.of("-Xmx256m"), addr)) {
        Tso end = cluster.pd().nextTso();
        try (Puller puller = Puller.start(pump.channel(), cluster.clusterId(), 0)) {
          puller.awaitPast(end.value());
          assertThat(puller.ended()).as("order of the stream, seed %s", seed).isFalse();
          truth.check(puller.transactions(), seed);
        }
        assertThat(pump.jvm().stop(Duration.ofSeconds(60))).isZero();
      }
      System.out.println("rounds " + rounds + " acknowledged " + truth.acknowledged.size());
    }
  }

  /** What the writers know: TiKV's side goes into the double, the Pump's acknowledgements here. */
  private static final class Truth {
    final ClusterDouble cluster;

    /** Commit timestamp to start timestamp, of transactions whose Prewrite was acknowledged. */
    final Map<Long, Long> acknowledged = new ConcurrentSkipListMap<>();

    final AtomicLong next = new AtomicLong();

    Truth(ClusterDouble cluster) {
      this.cluster = cluster;
    }

    List<Thread> startWriters(Channel channel) {
      List<Thread> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        Thread writer = new Thread(() -> writeUntilItFails(channel), "test-writer-" + i);
        writer.start();
        writers.add(writer);
      }
      return writers;
    }

    private void writeUntilItFails(Channel channel) {
      try {
        while (true) {
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

    void check(List<Binlog> pulled, long seed) {
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
}
