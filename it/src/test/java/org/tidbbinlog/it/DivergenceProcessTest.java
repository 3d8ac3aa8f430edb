package org.tidbbinlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.mutation.PrewriteValueBuilder;
import org.tidbbinlog.codec.row.NewCollations;
import org.tidbbinlog.codec.row.RowEncoder;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.testkit.metrics.Exposition;
import org.tidbbinlog.tools.replay.ClientPumps;
import org.tidbbinlog.tools.stage.ServerNode;
import org.tidbbinlog.tools.stage.Stage;
import org.tidbbinlog.tools.stage.StagePlan;

/** Real processes: a row is missing at the target, and the Drainer's port says which. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class DivergenceProcessTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path dir;

  @Test
  void rowMissingAtTheTarget_isToldByStatusMetricsAndLog() throws Exception {
    try (Stage stage = Stage.open(StagePlan.in(dir, 7_000_000_000_000_000_004L))) {
      LargeTransaction.putSchema(stage.cluster());
      stage
          .mariaDb()
          .orElseThrow()
          .execute(
              "CREATE DATABASE db_l",
              "CREATE TABLE db_l.large (id BIGINT PRIMARY KEY, b LONGBLOB)",
              "INSERT INTO db_l.large VALUES (1, 'x'), (3, 'x')");
      stage.startPump();
      stage.startDrainer(stage.cluster().pd().nextTso());
      stage.pumps().get(0).awaitReady();
      ServerNode drainer = stage.drainer();
      drainer.awaitReady();
      JsonNode before = drainer.status().orElseThrow().path("Divergence");
      assertThat(before.toString()).isEqualTo("{\"policy\":\"warn\",\"count\":0,\"recent\":[]}");
      Tso commitTs = deleteThreeRows(stage.cluster());
      while (drainer.checkpoint().isBefore(commitTs)) {
        drainer.requireAlive();
        Thread.sleep(50);
      }
      JsonNode told = drainer.status().orElseThrow().path("Divergence");
      assertThat(told.path("count").asLong()).isEqualTo(1);
      assertThat(told.path("recent")).hasSize(1);
      JsonNode row = told.path("recent").path(0);
      assertThat(row.path("table").asText()).isEqualTo("`db_l`.`large`");
      assertThat(row.path("key").asText()).isEqualTo("`id`=2");
      assertThat(row.path("commitTS").asLong()).isEqualTo(commitTs.value());
      assertThat(row.path("what").asText()).isEqualTo("the row is missing");
      assertThat(row.path("time").asText()).endsWith("Z");
      assertThat(
              Exposition.read(drainer.get("/metrics").orElseThrow())
                  .value("binlog_drainer_divergence_count"))
          .isEqualTo(1);
      assertThat(Files.readAllLines(drainer.log()))
          .filteredOn(line -> line.contains("target diverges from the row images"))
          .singleElement()
          .asString()
          .contains("[key=\"`id`=2\"]", "[commit-ts=" + commitTs + "]");
      assertThat(drainer.stop()).isZero();
    }
  }

  private static Tso deleteThreeRows(ClusterDouble cluster) throws Exception {
    RowEncoder encoder = new RowEncoder(LargeTransaction.table(), NewCollations.ON);
    PrewriteValueBuilder value = new PrewriteValueBuilder(LargeTransaction.SCHEMA_VERSION);
    for (int id = 1; id <= 3; id++) {
      List<ColumnValue> row =
          List.of(new ColumnValue.Signed(id), new ColumnValue.Binary(new byte[] {'x'}));
      value.delete(LargeTransaction.TABLE_ID, encoder.delete(row, id));
    }
    Tso startTs = cluster.pd().nextTso();
    Binlog prewrite =
        Binlog.prewrite(startTs, LargeTransaction.primaryKey(), Payload.of(value.toBytes()));
    try (ClientPumps pumps = ClientPumps.open(cluster.pdUrls())) {
      pumps.write(prewrite);
      Tso commitTs = cluster.pd().nextTso();
      cluster.tikv().commitTransaction(startTs, commitTs, LargeTransaction.primaryKey().toBytes());
      pumps.write(Binlog.commitOf(prewrite, commitTs));
      return commitTs;
    }
  }
}
