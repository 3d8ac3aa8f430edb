package org.tidbbinlog.sinks.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.NullNode;
import java.math.BigDecimal;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.ddl.JobState;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.drainer.sink.Obstacle;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.RowImage;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.GivenRows;
import org.tidbbinlog.testkit.schema.ColumnDraft;
import org.tidbbinlog.testkit.schema.TableDraft;

@Timeout(30)
class RelayLogTest {
  private static final List<ColumnValue> ONE_OF_EACH =
      List.of(
          ColumnValue.Null.NULL,
          new ColumnValue.Signed(Long.MIN_VALUE),
          new ColumnValue.Unsigned(-1),
          new ColumnValue.Float32(-1.5f),
          new ColumnValue.Float64(1e300),
          new ColumnValue.Decimal(new BigDecimal("-12345678901234567890.000")),
          new ColumnValue.Text(new byte[] {(byte) 0xc3, (byte) 0xa4}),
          new ColumnValue.Binary(new byte[300]),
          new ColumnValue.DateTime(Long.MAX_VALUE, ColumnValue.DateTimeType.TIMESTAMP, 6),
          new ColumnValue.Duration(-1_000_000_000L, 3),
          new ColumnValue.EnumMember(2, "b"),
          new ColumnValue.SetMembers(5, "a,c"),
          new ColumnValue.Bits(-1, 64),
          new ColumnValue.Json(new byte[] {4, 0}));

  private final TableVersion table = table(ONE_OF_EACH.size());

  @Test
  void rowsOfAllKindsAndDdl_comeBackAsTheyWere(@TempDir Path folder) throws Exception {
    RowImage image = new RowImage(table.info().columns(), ONE_OF_EACH);
    RowImage part = new RowImage(List.of(table.info().columns().get(1)), ONE_OF_EACH.subList(1, 2));
    SinkItem.Transaction rows =
        transaction(
            10,
            new RowChange.Insert(table, image),
            new RowChange.Update(table, image, image),
            new RowChange.Delete(table, part));
    SinkItem.Ddl ddl = ddl(20);
    try (RelayLog log = RelayLog.open(folder, 1 << 20, 5, Tso.ZERO)) {
      log.append(rows);
      log.append(ddl);
      log.append(new SinkItem.Progress(new Tso(25), 1, new StageTimes()));
    }
    RelayReader reader = RelayReader.read(RelayFile.list(folder).get(0));
    assertThat(reader.head().clusterId()).isEqualTo(5);
    assertThat(reader.items()).hasSize(2);
    SinkItem.Transaction back = (SinkItem.Transaction) reader.items().get(0);
    assertThat(back.startTs()).isEqualTo(rows.startTs());
    assertThat(back.rows().count()).isEqualTo(3);
    assertThat(back.rows().schemaVersion()).isEqualTo(2);
    assertThat(list(back.rows()))
        .as("one version of the table, whichever columns a row has")
        .allSatisfy(row -> assertThat(row.table()).isSameAs(list(back.rows()).get(0).table()));
    for (int i = 0; i < 2; i++) {
      List<RowChange> again = new ArrayList<>();
      back.rows().forEach(again::add);
      assertThat(again)
          .usingRecursiveComparison()
          .ignoringFieldsMatchingRegexes(".*table\\.info")
          .isEqualTo(list(rows.rows()));
      assertThat(again.get(0).table().info().columns()).isEqualTo(table.info().columns());
    }
    SinkItem.Ddl ddlBack = (SinkItem.Ddl) reader.items().get(1);
    assertThat(ddlBack.query()).isEqualTo(ddl.query());
    assertThat(ddlBack.execution()).isEqualTo(SinkItem.Execution.FORGET_ONLY);
    assertThat(ddlBack.job().action()).isEqualTo(ddl.job().action());
  }

  @Test
  void files_areFollowedAtTheirSizeAndDeletedWhenTheTargetHasThem(@TempDir Path folder)
      throws Exception {
    try (RelayLog log = RelayLog.open(folder, 1000, 5, Tso.ZERO)) {
      for (int i = 1; i <= 20; i++) {
        log.append(wide(i * 10L));
      }
      assertThat(RelayFile.list(folder)).hasSize(20);
      log.saved(new Tso(105));
      assertThat(RelayFile.list(folder)).hasSize(10);
      assertThat(RelayReader.read(RelayFile.list(folder).get(0)).last()).isEqualTo(new Tso(110));
    }
    try (RelayLog next = RelayLog.open(folder, 1000, 5, Tso.ZERO)) {
      next.append(wide(210));
      assertThat(RelayFile.list(folder)).hasSize(11);
      next.saved(new Tso(205));
      assertThat(RelayFile.list(folder)).hasSize(1);
    }
    assertThatThrownBy(() -> RelayLog.open(folder, 1000, 6, Tso.ZERO))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("of cluster 5, not of 6");
  }

  @Test
  void transactionCutOffAtTheEnd_isNotThere(@TempDir Path folder) throws Exception {
    try (RelayLog log = RelayLog.open(folder, 1 << 20, 5, Tso.ZERO)) {
      log.append(wide(10));
      log.append(wide(20));
    }
    RelayFile file = RelayFile.list(folder).get(0);
    try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 1);
    }
    assertThat(RelayReader.read(file).items()).hasSize(1);
    assertThat(RelayReader.read(file).last()).isEqualTo(new Tso(10));
  }

  @Test
  void ddlThatCannotBeRun_keepsItsReason(@TempDir Path folder) throws Exception {
    SinkItem.Ddl plain = ddl(20);
    Obstacle obstacle =
        new Obstacle(
            Obstacle.Kind.NO_ROUTE,
            "rows of d.x are there",
            List.of(new Obstacle.Table("d", "t"), new Obstacle.Table("e", "")));
    SinkItem.Ddl item =
        new SinkItem.Ddl(
            plain.commitTs(),
            plain.schemaVersion(),
            plain.job(),
            plain.query(),
            plain.schema(),
            plain.table(),
            SinkItem.Execution.EXECUTE,
            obstacle,
            new StageTimes());
    try (RelayLog log = RelayLog.open(folder, 1, 5, Tso.ZERO)) {
      log.append(item);
    }
    SinkItem read = RelayReader.read(RelayFile.list(folder).get(0)).items().get(0);
    assertThat(((SinkItem.Ddl) read).obstacle()).isEqualTo(obstacle);
    assertThat(((SinkItem.Ddl) read).execution()).isEqualTo(SinkItem.Execution.EXECUTE);
  }

  private SinkItem.Transaction wide(long commitTs) {
    ColumnValue long1 = new ColumnValue.Binary(new byte[1000]);
    List<ColumnValue> values = new ArrayList<>(ONE_OF_EACH);
    values.set(7, long1);
    return transaction(
        commitTs, new RowChange.Insert(table, new RowImage(table.info().columns(), values)));
  }

  private static List<RowChange> list(Iterable<RowChange> rows) {
    List<RowChange> all = new ArrayList<>();
    rows.forEach(all::add);
    return all;
  }

  private static SinkItem.Transaction transaction(long commitTs, RowChange... rows) {
    return new SinkItem.Transaction(
        new Tso(commitTs - 1),
        new Tso(commitTs),
        3,
        new GivenRows(List.of(rows), 2, 77),
        new StageTimes());
  }

  private static SinkItem.Ddl ddl(long commitTs) {
    DdlJob job =
        new DdlJob(
            9,
            DdlAction.ADD_COLUMN,
            DdlAction.ADD_COLUMN.number(),
            1,
            2,
            "d",
            "t",
            JobState.SYNCED,
            SchemaState.PUBLIC,
            NullNode.getInstance(),
            "alter table t add column b int",
            4,
            null,
            null,
            List.of(),
            commitTs);
    return new SinkItem.Ddl(
        new Tso(commitTs),
        4,
        job,
        job.query(),
        "d",
        "t",
        SinkItem.Execution.FORGET_ONLY,
        new StageTimes());
  }

  private static TableVersion table(int columns) {
    List<String> names = IntStream.range(0, columns).mapToObj(i -> "c" + i).toList();
    TableInfo info = TableDraft.plain(7, "t", ColumnDraft.BIGINT, names).done();
    return new TableVersion("d", "t", info, 3);
  }
}
