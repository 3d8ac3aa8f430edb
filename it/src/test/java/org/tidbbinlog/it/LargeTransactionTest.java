package org.tidbbinlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.testkit.process.ChildJvm;
import org.tidbbinlog.tools.replay.ClientPumps;
import org.tidbbinlog.tools.stage.Stage;
import org.tidbbinlog.tools.stage.StagePlan;

/** A transaction larger than the heaps of Pump and Drainer passes both. */
@Timeout(value = 1200, unit = TimeUnit.SECONDS)
class LargeTransactionTest {
  private static final int MIB = 1 << 20;

  @TempDir Path dir;

  @ParameterizedTest
  @CsvSource({"32"})
  void transaction_arrives(int mebibytes) throws Exception {
    passes(mebibytes);
  }

  @Tag("soak")
  @ParameterizedTest
  @CsvSource({"1024"})
  void transactionLargerThanTheHeap_arrives(int mebibytes) throws Exception {
    passes(mebibytes);
  }

  private void passes(int mebibytes) throws Exception {
    StagePlan plan =
        StagePlan.in(dir, 7_000_000_000_000_000_003L)
            .withNodeJvm(List.of("-Xmx512m", "-XX:MaxDirectMemorySize=4g", "-XX:+UseSerialGC"));
    long startNs = System.nanoTime();
    try (Stage stage = Stage.open(plan)) {
      LargeTransaction.putSchema(stage.cluster());
      stage
          .mariaDb()
          .orElseThrow()
          .execute(
              "CREATE DATABASE db_l",
              "CREATE TABLE db_l.large (id BIGINT PRIMARY KEY, b LONGBLOB)");
      stage.startPump();
      stage.startDrainer(stage.cluster().pd().nextTso());
      stage.pumps().get(0).awaitReady();
      stage.drainer().awaitReady();
      Tso commitTs = write(stage, mebibytes);
      while (stage.drainer().checkpoint().isBefore(commitTs)) {
        stage.pumps().get(0).requireAlive();
        stage.drainer().requireAlive();
        Thread.sleep(100);
      }
      assertThat(spilled(stage.drainer().pid())).as("what the Drainer keeps of it").isEmpty();
      compare(stage, mebibytes);
      System.out.println(
          "large transaction: equal bytes=%d rows=%d heap=512m seconds=%.1f"
              .formatted((long) mebibytes * MIB, mebibytes, (System.nanoTime() - startNs) / 1e9));
    }
  }

  /** Large binlogs that a process has mapped; where that can be seen. */
  private static List<String> spilled(long pid) throws IOException {
    Path maps = Path.of("/proc/" + pid + "/maps");
    if (!Files.exists(maps)) {
      return List.of();
    }
    try (Stream<String> lines = Files.lines(maps)) {
      return lines.filter(line -> line.contains("/spill/")).toList();
    }
  }

  private Tso write(Stage stage, int rows) throws Exception {
    ClusterDouble cluster = stage.cluster();
    Tso startTs = cluster.pd().nextTso();
    byte[] primary = LargeTransaction.primaryKey().toBytes();
    cluster.tikv().lockTransaction(startTs, primary, Duration.ofHours(1));
    try (ChildJvm writer =
        ChildJvm.of(LargeTransaction.class.getName(), dir.resolve("writer.log"))
            .jvm("-Xmx8g", "-XX:MaxDirectMemorySize=4g")
            .args(
                cluster.pdUrls().get(0),
                startTs.toString(),
                Integer.toString(rows),
                Integer.toString(MIB))
            .start()) {
      assertThat(writer.awaitExit(Duration.ofMinutes(5))).as(writer.output()).isZero();
    }
    Tso commitTs = cluster.pd().nextTso();
    cluster.tikv().commitTransaction(startTs, commitTs, primary);
    try (ClientPumps pumps = ClientPumps.open(cluster.pdUrls())) {
      pumps.write(
          Binlog.commitOf(
              Binlog.prewrite(startTs, LargeTransaction.primaryKey(), Payload.EMPTY), commitTs));
    }
    return commitTs;
  }

  private static void compare(Stage stage, int rows) throws Exception {
    try (Connection connection = stage.target().connect();
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("SELECT id, MD5(b) FROM db_l.large ORDER BY id")) {
      int id = 0;
      while (found.next()) {
        id++;
        byte[] digest = MessageDigest.getInstance("MD5").digest(LargeTransaction.content(id, MIB));
        assertThat(found.getInt(1)).isEqualTo(id);
        assertThat(found.getString(2)).isEqualTo(HexFormat.of().formatHex(digest));
      }
      assertThat(id).isEqualTo(rows);
    }
  }
}
