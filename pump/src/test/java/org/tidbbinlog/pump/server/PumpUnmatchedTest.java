package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.testkit.ClusterDouble;

/** Transactions whose second record is missing, late, doubled or not to be believed. */
@Timeout(90)
final class PumpUnmatchedTest {
  private static final Duration ALIVE = Duration.ofSeconds(30);
  private final ClusterDouble cluster = ClusterDouble.start();

  @AfterEach
  void stopCluster() {
    cluster.close();
  }

  private PumpUnderTest start(Path dir) throws Exception {
    return PumpUnderTest.start(cluster, dir, "-fake-binlog-interval=1");
  }

  private Binlog prewrite(String key) {
    return Binlog.prewrite(
        cluster.pd().nextTso(), Payload.ofUtf8(key), Payload.ofUtf8("value of " + key));
  }

  private static byte[] key(String key) {
    return key.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  @DisplayName("pump fact 13: a commit that TiKV knows of is delivered although TiDB never sent it")
  void commitThatNeverCame_isTakenFromTikv(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      Binlog prewrite = prewrite("a");
      pump.write(prewrite);
      Tso commitTs = cluster.pd().nextTso();
      cluster.tikv().commitTransaction(prewrite.startTs(), commitTs, key("a"));
      Binlog got = pump.pull(0).awaitTransactions(1).get(0);
      assertThat(got.commitTs()).isEqualTo(commitTs);
      assertThat(got.prewriteValue().utf8()).isEqualTo("value of a");
    }
  }

  @Test
  @DisplayName(
      "pump fact 14: a prewrite without trace in TiKV holds all back until it is 600 s old")
  void prewriteWithoutTrace_holdsBackUntilTooOld(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      pump.write(prewrite("lost"));
      Tso commitTs = pump.transaction("after");
      Puller puller = pump.pull(0);
      Thread.sleep(3000);
      assertThat(puller.received()).isEmpty();
      assertThat(pump.get("/status").body()).contains("\"unmatched\":1");
      cluster.pd().advance(Duration.ofSeconds(605));
      List<Binlog> got = puller.awaitTransactions(1);
      assertThat(got).extracting(Binlog::commitTs).containsExactly(commitTs);
    }
  }

  @Test
  @DisplayName("pump-protocol fact 9: a rolled-back transaction is never delivered, later ones are")
  void rollback_withTikvsProof_deliversNothing(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      Binlog prewrite = prewrite("a");
      cluster.tikv().lockTransaction(prewrite.startTs(), key("a"), ALIVE);
      pump.write(prewrite);
      cluster.tikv().rollbackTransaction(prewrite.startTs(), key("a"));
      pump.write(Binlog.rollbackOf(prewrite));
      Tso commitTs = pump.transaction("after");
      List<Binlog> got = pump.pull(0).awaitTransactions(1);
      assertThat(got).extracting(Binlog::commitTs).containsExactly(commitTs);
    }
  }

  @Test
  void rollbackNotice_ofATransactionThatCommitted_isNotBelieved(@TempDir Path dir)
      throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      Binlog prewrite = prewrite("a");
      cluster.tikv().lockTransaction(prewrite.startTs(), key("a"), ALIVE);
      pump.write(prewrite);
      Tso commitTs = cluster.pd().nextTso();
      cluster.tikv().commitTransaction(prewrite.startTs(), commitTs, key("a"));
      pump.write(Binlog.rollbackOf(prewrite));
      List<Binlog> got = pump.pull(0).awaitTransactions(1);
      assertThat(got).extracting(Binlog::commitTs).containsExactly(commitTs);
    }
  }

  @Test
  @DisplayName("pump-protocol fact 17: an identical commit sent again is delivered once")
  void commitSentTwice_isDeliveredOnce(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      Binlog prewrite = prewrite("a");
      pump.write(prewrite);
      Binlog commit = Binlog.commitOf(prewrite, cluster.pd().nextTso());
      pump.write(commit);
      pump.write(prewrite);
      pump.write(commit);
      Tso after = pump.transaction("after");
      pump.write(commit);
      Puller puller = pump.pull(0);
      puller.awaitPast(after.value());
      puller.awaitPast(cluster.pd().nextTso().value());
      assertThat(puller.transactions())
          .extracting(Binlog::commitTs)
          .containsExactly(commit.commitTs(), after);
    }
  }

  @Test
  void stoppedAndStarted_pumpServesWhatItHad(@TempDir Path dir) throws Exception {
    Tso first;
    try (PumpUnderTest pump = start(dir)) {
      first = pump.transaction("1");
    }
    try (PumpUnderTest again = start(dir)) {
      Tso second = again.transaction("2");
      assertThat(again.pull(0).awaitTransactions(2))
          .extracting(Binlog::commitTs)
          .containsExactly(first, second);
    }
  }
}
