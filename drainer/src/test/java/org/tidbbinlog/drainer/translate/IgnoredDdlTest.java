package org.tidbbinlog.drainer.translate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tidbbinlog.codec.ddl.DdlAction.ADD_COLUMN;
import static org.tidbbinlog.codec.ddl.DdlAction.CREATE_SCHEMA;
import static org.tidbbinlog.codec.ddl.DdlAction.CREATE_TABLE;
import static org.tidbbinlog.codec.ddl.DdlAction.RENAME_TABLE;
import static org.tidbbinlog.codec.ddl.DdlAction.UNKNOWN;
import static org.tidbbinlog.drainer.Schemas.db;
import static org.tidbbinlog.drainer.Schemas.table;

import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.mutation.PrewriteValueBuilder;
import org.tidbbinlog.drainer.Schemas;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.schema.UnknownActions;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.SinkItem;

/**
 * A DDL that the target refused: the operator made its effect by hand and ignores its commit ts.
 * The schema was read from a snapshot at the checkpoint, which lies before it.
 */
@Timeout(30)
class IgnoredDdlTest {
  private static final Tso DDL_TS = new Tso(500L << Tso.LOGICAL_BITS);
  private static final int FINAL = 5;

  private final Schemas schemas = new Schemas();

  @BeforeEach
  void snapshotWithOneTable() {
    schemas.job(CREATE_SCHEMA, 10, 0).db(db(10, "d")).query("create database d").done();
    schemas
        .job(CREATE_TABLE, 10, 11)
        .table(table(11, "t", "a", "b"))
        .query("create table t")
        .done();
    schemas.snapshot(db(10, "d"), table(11, "t", "a", "b"));
  }

  @Test
  void rows_behind_an_ignored_added_column_arrive_whole() throws Exception {
    DdlJob add =
        schemas
            .job(ADD_COLUMN, 10, 11)
            .table(table(11, "t", "a", "b", "c"))
            .query("alter table t add column c int")
            .done();
    CaptureTranslation translation = ignoring(new Tso(1));
    assertThat(translation.translate(ddl(add)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.PROGRESS);
    RowChange.Insert row = (RowChange.Insert) only(translation, insert(11, 1, 2, 3));
    assertThat(row.after().columns())
        .extracting(column -> column.name().original())
        .containsExactly("a", "b", "c");
  }

  @Test
  void rows_behind_an_ignored_rename_go_to_the_new_name() throws Exception {
    DdlJob rename =
        schemas
            .job(RENAME_TABLE, 10, 11)
            .table(table(11, "u", "a", "b"))
            .query("rename table t to u")
            .done();
    CaptureTranslation translation = ignoring(new Tso(1));
    assertThat(translation.translate(ddl(rename)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.PROGRESS);
    assertThat(only(translation, insert(11, 1, 2)).table().table()).isEqualTo("u");
  }

  @Test
  void ignored_job_of_an_unknown_action_is_left_out_however_the_schema_was_read() throws Exception {
    DdlJob unknown = schemas.job(UNKNOWN, 10, 11).query("alter table t do something new").done();
    for (Tso checkpoint : new Tso[] {new Tso(1), Tso.ZERO}) {
      CaptureTranslation translation = ignoring(checkpoint);
      assertThat(translation.translate(ddl(unknown)).orElseThrow().kind())
          .isEqualTo(SinkItem.Kind.PROGRESS);
      assertThat(only(translation, insert(11, 1, 2)).table().table()).isEqualTo("t");
    }
  }

  private CaptureTranslation ignoring(Tso checkpoint) throws InterruptedException {
    return new CaptureTranslation(
        schemas,
        FilterSettings.DEFAULT,
        new TranslateSettings(Set.of(DDL_TS), SinkItem.Execution.EXECUTE, 1 << 20),
        UnknownActions.STOP,
        checkpoint);
  }

  private static RowChange only(CaptureTranslation translation, Binlog binlog)
      throws InterruptedException {
    SinkItem.Transaction item = (SinkItem.Transaction) translation.translate(binlog).orElseThrow();
    assertThat(item.rows().count()).isEqualTo(1);
    return item.rows().iterator().next();
  }

  private static Binlog ddl(DdlJob job) {
    Binlog prewrite =
        Binlog.prewriteDdl(
            new Tso(DDL_TS.value() - 1),
            Payload.EMPTY,
            Payload.ofUtf8(job.query()),
            job.id(),
            FINAL);
    return prewrite.withCommit(Binlog.commitOf(prewrite, DDL_TS));
  }

  private Binlog insert(long tableId, long... values) {
    byte[] value =
        new PrewriteValueBuilder(schemas.version())
            .insert(tableId, SmallUpstream.insertRow(values))
            .toBytes();
    Tso start = new Tso(DDL_TS.value() + 1);
    Binlog prewrite = Binlog.prewrite(start, Payload.EMPTY, Payload.of(value));
    return prewrite.withCommit(Binlog.commitOf(prewrite, new Tso(start.value() + 1)));
  }
}
