package org.tidbbinlog.drainer.translate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.codec.ddl.DdlAction.ADD_COLUMN;
import static org.tidbbinlog.codec.ddl.DdlAction.CREATE_SCHEMA;
import static org.tidbbinlog.codec.ddl.DdlAction.CREATE_TABLE;
import static org.tidbbinlog.codec.ddl.DdlAction.CREATE_TABLES;
import static org.tidbbinlog.codec.ddl.DdlAction.DROP_COLUMN;
import static org.tidbbinlog.codec.ddl.DdlAction.RENAME_TABLE;
import static org.tidbbinlog.codec.ddl.DdlAction.RENAME_TABLES;
import static org.tidbbinlog.codec.ddl.DdlAction.TRUNCATE_TABLE;
import static org.tidbbinlog.codec.ddl.DdlAction.UNKNOWN;
import static org.tidbbinlog.drainer.Schemas.db;
import static org.tidbbinlog.drainer.Schemas.table;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.bytes.ByteWriter;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.mutation.PrewriteValueBuilder;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.IndexInfo;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.drainer.Schemas;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.filter.FilterSettings.EventRule;
import org.tidbbinlog.drainer.filter.FilterSettings.MigrateRule;
import org.tidbbinlog.drainer.filter.FilterSettings.NameCase;
import org.tidbbinlog.drainer.filter.Loopback;
import org.tidbbinlog.drainer.schema.UnknownActions;
import org.tidbbinlog.drainer.sink.Obstacle;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.drainer.source.PulledBinlog;
import org.tidbbinlog.testkit.schema.TableDraft;

/** Single binlogs of a small made-up schema. */
@Timeout(30)
class TranslatorTest {
  private static final long SECOND = 1000L << Tso.LOGICAL_BITS;

  private final Schemas schemas = new Schemas();
  private long clock = 1000 * SECOND;

  @BeforeEach
  void oneTable() {
    schemas.job(CREATE_SCHEMA, 10, 0).db(db(10, "d")).query("create database d").done();
    schemas
        .job(CREATE_TABLE, 10, 11)
        .table(table(11, "t", "a", "b"))
        .query("create table t")
        .done();
  }

  @Test
  @DisplayName("mutations fact 9: start ts = commit ts moves the checkpoint and emits nothing")
  void heartbeat_becomes_progress_every_three_seconds() throws Exception {
    CaptureTranslation translation = translation();
    assertThat(translation.translate(fake()).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.PROGRESS);
    clock += SECOND;
    assertThat(translation.translate(fake())).isEmpty();
    clock += 3 * SECOND;
    assertThat(translation.translate(fake())).isPresent();
  }

  @Test
  @DisplayName("drainer fact 12: filtered transactions still move the checkpoint")
  void filtered_transaction_becomes_progress() throws Exception {
    CaptureTranslation translation =
        new CaptureTranslation(
            schemas, filter(List.of("d"), List.of(), Map.of()), TranslateSettings.DEFAULT);
    SinkItem item = translation.translate(insert(11, 1, 2)).orElseThrow();
    assertThat(item.kind()).isEqualTo(SinkItem.Kind.PROGRESS);
  }

  @Test
  void rows_that_an_event_rule_ignores_are_left_out() throws Exception {
    CaptureTranslation translation =
        new CaptureTranslation(
            schemas,
            filter(
                List.of("none"),
                List.of(new MigrateRule("d", "t", List.of("r"))),
                Map.of("r", new EventRule(List.of("delete"), List.of()))),
            TranslateSettings.DEFAULT);
    byte[] value =
        new PrewriteValueBuilder(schemas.version())
            .delete(11, row(1, 2))
            .insert(11, insertRow(3, 4))
            .toBytes();
    SinkItem.Transaction item =
        (SinkItem.Transaction) translation.translate(dml(value)).orElseThrow();
    assertThat(item.rows().count()).isEqualTo(1);
    assertThat(item.rows()).extracting(RowChange::kind).containsExactly(RowChange.Kind.INSERT);
    byte[] onlyDelete = new PrewriteValueBuilder(schemas.version()).delete(11, row(1, 2)).toBytes();
    assertThat(translation.translate(dml(onlyDelete)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.PROGRESS);
  }

  @Test
  @DisplayName("drainer fact 16, mutations fact 10: rows of a truncated table id are dropped")
  void rows_of_a_truncated_id_are_dropped() throws Exception {
    DdlJob truncate =
        schemas.job(TRUNCATE_TABLE, 10, 11).table(table(12, "t", "a", "b")).query("x").done();
    CaptureTranslation translation = translation();
    assertThat(translation.translate(ddl(truncate, 5)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.DDL);
    assertThat(translation.translate(insert(11, 1, 2)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.PROGRESS);
    assertThat(translation.translate(insert(12, 1, 2)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.TRANSACTION);
  }

  @Test
  void unknown_table_is_an_error_that_names_the_way_out() throws Exception {
    CaptureTranslation translation = translation();
    Binlog unknown = insert(99, 1, 2);
    assertThatThrownBy(() -> translation.translate(unknown))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("table id 99")
        .hasMessageContaining(unknown.commitTs().toString())
        .hasMessageContaining("ignore-txn-commit-ts");
  }

  @Test
  void table_whose_job_entered_the_history_late_is_found() throws Exception {
    CaptureTranslation translation = translation();
    assertThat(translation.translate(insert(11, 1, 2))).isPresent();
    schemas.job(CREATE_TABLE, 10, 50).table(table(50, "late", "a", "b")).query("x").done();
    SinkItem.Transaction item =
        (SinkItem.Transaction) translation.translate(insert(50, 1, 2)).orElseThrow();
    assertThat(item.rows().iterator().next().table().table()).isEqualTo("late");
  }

  @Test
  void garbage_stops_with_its_commit_ts_in_a_short_message() throws Exception {
    CaptureTranslation translation = translation();
    Binlog garbage = dml(new byte[] {0x08, 0x02, 0x12, 0x7f, 0x01, 0x02, 0x03});
    assertThatThrownBy(() -> translation.translate(garbage))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining(garbage.commitTs().toString())
        .hasMessageContaining("ignore-txn-commit-ts")
        .satisfies(e -> assertThat(String.valueOf(e.getMessage()).length()).isLessThan(500));
    PulledBinlog broken =
        new PulledBinlog(
            "p",
            new Tso(clock),
            new Tso(clock + 1),
            Payload.of(new byte[] {1, 2, 3}),
            new StageTimes());
    assertThatThrownBy(() -> translation.translate(broken))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining(String.valueOf(clock + 1));
  }

  @Test
  @DisplayName("drainer fact 17: an ignored commit ts is passed over and replication continues")
  void ignored_commit_ts_is_not_even_decoded() throws Exception {
    Binlog garbage = dml(new byte[] {0x7f});
    CaptureTranslation translation =
        new CaptureTranslation(
            schemas,
            FilterSettings.DEFAULT,
            new TranslateSettings(Set.of(garbage.commitTs()), SinkItem.Execution.EXECUTE, 1 << 20));
    assertThat(translation.translate(garbage).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.PROGRESS);
    assertThat(translation.translate(insert(11, 1, 2)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.TRANSACTION);
  }

  /** A Pump that sends the timestamps beside the payload gives even garbage a name. */
  @Test
  void ignored_commit_ts_of_an_unreadable_binlog_is_passed_over() throws Exception {
    Tso commitTs = new Tso(clock + 1);
    CaptureTranslation translation =
        new CaptureTranslation(
            schemas,
            FilterSettings.DEFAULT,
            new TranslateSettings(Set.of(commitTs), SinkItem.Execution.EXECUTE, 1 << 20));
    PulledBinlog broken =
        new PulledBinlog(
            "p", new Tso(clock), commitTs, Payload.of(new byte[] {1, 2, 3}), new StageTimes());
    assertThat(translation.translate(broken).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.PROGRESS);
  }

  @Test
  @DisplayName("ddl-meta fact 6: SELECT SETVAL in any case triggers no job lookup")
  void sequence_values_are_passed_over() throws Exception {
    Binlog setval = ddl(987654, "Select SetVal(`d`.`s`, 10);", 5);
    assertThat(translation().translate(setval).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.PROGRESS);
  }

  @Test
  @DisplayName("ddl-meta fact 8: while a column is dropped, updates without it get the default")
  void rows_may_lack_a_column_that_is_on_its_way_out() throws Exception {
    CaptureTranslation translation = translation();
    translation.translate(insert(11, 1, 2));
    Binlog withoutB = update(11, 1);
    assertThatThrownBy(() -> translation.translate(withoutB))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("row data is corrupted");
    long version = schemas.version();
    DdlJob drop = schemas.job(DROP_COLUMN, 10, 11).table(table(11, "t", "a")).query("x").done();
    assertThat(translation.translate(ddl(drop, 1)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.PROGRESS);
    byte[] value =
        new PrewriteValueBuilder(version).update(11, concat(rowOf(1), rowOf(1))).toBytes();
    assertThat(translation.translate(dml(value)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.TRANSACTION);
    SinkItem.Ddl last = (SinkItem.Ddl) translation.translate(ddl(drop, 0)).orElseThrow();
    assertThat(last.table()).isEqualTo("t");
    assertThat(translation.tracker().current().table(11).orElseThrow().info().columns()).hasSize(1);
  }

  @Test
  void column_on_its_way_out_is_left_out_where_only_a_prefix_is_the_key() throws Exception {
    TableInfo whole = prefixed(table(12, "p", "a", "b"));
    schemas.job(CREATE_TABLE, 10, 12).table(whole).query("create table p").done();
    long version = schemas.version();
    DdlJob drop =
        schemas.job(DROP_COLUMN, 10, 12).table(prefixed(table(12, "p", "a"))).query("x").done();
    CaptureTranslation translation = translation();
    translation.translate(ddl(drop, 1));
    byte[] value =
        new PrewriteValueBuilder(version).update(12, concat(rowOf(1), rowOf(2))).toBytes();
    SinkItem.Transaction item =
        (SinkItem.Transaction) translation.translate(dml(value)).orElseThrow();
    RowChange.Update update = (RowChange.Update) item.rows().iterator().next();
    assertThat(update.before().columns()).hasSize(1);
    assertThat(update.after().values()).hasSize(1);
  }

  /** With a clustered primary key of the first characters of its first column. */
  private static TableInfo prefixed(TableInfo info) {
    IndexInfo.IndexColumn part = new IndexInfo.IndexColumn(info.columns().get(0).name(), 0, 4);
    return TableDraft.of(info)
        .indexes(
            List.of(
                new IndexInfo(
                    1, CiName.of("PRIMARY"), List.of(part), SchemaState.PUBLIC, true, true)))
        .commonHandle(true)
        .done();
  }

  @Test
  void skipped_ddl_reaches_the_sink_as_forget_only() throws Exception {
    DdlJob add =
        schemas.job(ADD_COLUMN, 10, 11).table(table(11, "t", "a", "b", "c")).query("x").done();
    CaptureTranslation translation =
        new CaptureTranslation(
            schemas,
            FilterSettings.DEFAULT,
            new TranslateSettings(Set.of(), SinkItem.Execution.FORGET_ONLY, 1 << 20));
    SinkItem.Ddl item = (SinkItem.Ddl) translation.translate(ddl(add, 5)).orElseThrow();
    assertThat(item.execution()).isEqualTo(SinkItem.Execution.FORGET_ONLY);
  }

  @Test
  @DisplayName("drainer fact 18: what carries the mark of our channel is not sent on")
  void marked_transactions_of_our_channel_end_here() throws Exception {
    schemas.job(CREATE_SCHEMA, 30, 0).db(db(30, "retl")).query("create database retl").done();
    schemas
        .job(CREATE_TABLE, 30, 31)
        .table(table(31, "_drainer_repl_mark", "id", "channel_id"))
        .query("create table x")
        .done();
    byte[] value =
        new PrewriteValueBuilder(schemas.version())
            .insert(11, insertRow(3, 4))
            .update(31, concat(rowOf(0, 1), rowOf(0, 1)))
            .toBytes();
    byte[] deleted = new PrewriteValueBuilder(schemas.version()).delete(31, row(0, 1)).toBytes();
    CaptureTranslation ours = translation(Loopback.channel(1));
    assertThat(ours.translate(dml(value)).orElseThrow().kind()).isEqualTo(SinkItem.Kind.PROGRESS);
    assertThat(ours.translate(dml(deleted)).orElseThrow().kind()).isEqualTo(SinkItem.Kind.PROGRESS);
    assertThat(ours.translate(insert(11, 1, 2)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.TRANSACTION);
    for (Loopback other : List.of(Loopback.channel(2), Loopback.OFF)) {
      SinkItem.Transaction passed =
          (SinkItem.Transaction) translation(other).translate(dml(value)).orElseThrow();
      assertThat(passed.rows()).hasSize(2);
    }
  }

  @Test
  void marked_ddl_of_our_channel_only_makes_the_sink_forget() throws Exception {
    String marked = Loopback.channel(1).marked("truncate table t");
    DdlJob job =
        schemas.job(TRUNCATE_TABLE, 10, 11).table(table(12, "t", "a", "b")).query(marked).done();
    SinkItem.Ddl ours =
        (SinkItem.Ddl) translation(Loopback.channel(1)).translate(ddl(job, 5)).orElseThrow();
    assertThat(ours.execution()).isEqualTo(SinkItem.Execution.FORGET_ONLY);
    SinkItem.Ddl other =
        (SinkItem.Ddl) translation(Loopback.channel(11)).translate(ddl(job, 5)).orElseThrow();
    assertThat(other.execution()).isEqualTo(SinkItem.Execution.EXECUTE);
  }

  private CaptureTranslation translation(Loopback loopback) throws InterruptedException {
    return new CaptureTranslation(
        schemas,
        FilterSettings.DEFAULT,
        new TranslateSettings(Set.of(), SinkItem.Execution.EXECUTE, 1 << 20, loopback));
  }

  @Test
  void rename_runs_where_its_unqualified_name_is() throws Exception {
    schemas.job(CREATE_SCHEMA, 20, 0).db(db(20, "e")).query("create database e").done();
    DdlJob away =
        schemas
            .job(RENAME_TABLE, 20, 11)
            .table(table(11, "u", "a", "b"))
            .query("rename table t to e.u")
            .done();
    DdlJob back =
        schemas
            .job(RENAME_TABLE, 10, 11)
            .table(table(11, "t", "a", "b"))
            .query("alter table e.u rename to t")
            .done();
    CaptureTranslation translation = translation();
    SinkItem.Ddl first = (SinkItem.Ddl) translation.translate(ddl(away, 5)).orElseThrow();
    assertThat(first.schema()).isEqualTo("d");
    assertThat(first.table()).isEqualTo("u");
    SinkItem.Ddl second = (SinkItem.Ddl) translation.translate(ddl(back, 5)).orElseThrow();
    assertThat(second.schema()).isEqualTo("d");
    assertThat(second.table()).isEqualTo("t");
  }

  @Test
  void rename_of_several_leaves_filtered_tables_out() throws Exception {
    schemas.job(CREATE_TABLE, 10, 12).table(table(12, "f", "a")).query("create table f").done();
    schemas.job(CREATE_TABLE, 10, 13).table(table(13, "k", "a")).query("create table k").done();
    DdlJob rename =
        schemas
            .job(RENAME_TABLES, 10, 11)
            .tables(table(11, "t`2", "a", "b"), table(12, "f2", "a"), table(13, "k2", "a"))
            .query("rename table t to d.`t``2`, f to f2, k to k2")
            .done();
    FilterSettings ignoring =
        new FilterSettings(
            List.of(),
            List.of(),
            List.of(),
            List.of(new FilterSettings.TableName("d", "f2")),
            List.of(),
            Map.of(),
            NameCase.IGNORED);
    CaptureTranslation partly =
        new CaptureTranslation(schemas, ignoring, TranslateSettings.DEFAULT);
    SinkItem.Ddl item = (SinkItem.Ddl) partly.translate(ddl(rename, 5)).orElseThrow();
    assertThat(item.query()).isEqualTo("RENAME TABLE `t` TO `d`.`t``2`, `k` TO `k2`");
    assertThat(item.schema()).isEqualTo("d");
    SinkItem.Ddl whole = (SinkItem.Ddl) translation().translate(ddl(rename, 5)).orElseThrow();
    assertThat(whole.query()).isEqualTo(rename.query());
  }

  @Test
  void unknown_action_that_is_ignored_is_left_out_and_rows_go_on() throws Exception {
    DdlJob unknown = schemas.job(UNKNOWN, 10, 11).query("alter table t do something new").done();
    CaptureTranslation translation =
        new CaptureTranslation(
            schemas, FilterSettings.DEFAULT, TranslateSettings.DEFAULT, UnknownActions.IGNORE);
    assertThat(translation.translate(ddl(unknown, 5)).map(SinkItem::kind))
        .isNotEqualTo(Optional.of(SinkItem.Kind.DDL));
    assertThat(translation.translate(insert(11, 1, 2)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.TRANSACTION);
  }

  @Test
  void unknown_action_that_is_held_reaches_the_target_with_its_tables() throws Exception {
    DdlJob unknown = schemas.job(UNKNOWN, 10, 11).query("frobnicate d.k").done();
    CaptureTranslation translation =
        new CaptureTranslation(
            schemas, FilterSettings.DEFAULT, TranslateSettings.DEFAULT, UnknownActions.HOLD);
    SinkItem.Ddl item = (SinkItem.Ddl) translation.translate(ddl(unknown, 5)).orElseThrow();
    assertThat(item.obstacle().kind()).isEqualTo(Obstacle.Kind.UNKNOWN_ACTION);
    assertThat(item.obstacle().why()).contains("job " + unknown.id()).contains("unknown action");
    assertThat(item.obstacle().tables()).containsExactly(new Obstacle.Table("d", "t"));
    assertThat(item.query()).isEqualTo("frobnicate d.k");
    assertThat(translation.translate(insert(11, 1, 2)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.TRANSACTION);
  }

  @Test
  void unknown_action_about_nothing_it_names_is_held_also_behind_a_filter() throws Exception {
    DdlJob unknown = schemas.job(UNKNOWN, 0, 0).query("frobnicate all").done();
    FilterSettings other =
        new FilterSettings(
            List.of("other"),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            Map.of(),
            NameCase.IGNORED);
    CaptureTranslation translation =
        new CaptureTranslation(schemas, other, TranslateSettings.DEFAULT, UnknownActions.HOLD);
    SinkItem.Ddl item = (SinkItem.Ddl) translation.translate(ddl(unknown, 5)).orElseThrow();
    assertThat(item.obstacle().kind()).isEqualTo(Obstacle.Kind.UNKNOWN_ACTION);
    assertThat(item.obstacle().tables()).isEmpty();
  }

  @Test
  void batch_of_tables_without_a_statement_is_left_to_the_target() throws Exception {
    DdlJob batch =
        schemas
            .job(CREATE_TABLES, 10, 61)
            .tables(table(61, "m", "a", "b"), table(62, "n", "a"))
            .done();
    CaptureTranslation translation = translation();
    Binlog binlog = ddl(batch, 5);
    SinkItem.Ddl item = (SinkItem.Ddl) translation.translate(binlog).orElseThrow();
    assertThat(item.query()).isEmpty();
    assertThat(item.table()).isEqualTo("m");
    assertThat(translation.translate(insert(61, 1, 2)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.TRANSACTION);
  }

  private CaptureTranslation translation() throws InterruptedException {
    return new CaptureTranslation(schemas, FilterSettings.DEFAULT, TranslateSettings.DEFAULT);
  }

  private static FilterSettings filter(
      List<String> ignored, List<MigrateRule> rules, Map<String, EventRule> events) {
    return new FilterSettings(
        List.of(), List.of(), ignored, List.of(), rules, events, NameCase.IGNORED);
  }

  private byte[] fake() {
    return Binlog.fake(new Tso(clock)).encode();
  }

  private Binlog insert(long tableId, long a, long b) {
    return dml(
        new PrewriteValueBuilder(schemas.version()).insert(tableId, insertRow(a, b)).toBytes());
  }

  private Binlog update(long tableId, long a) {
    return dml(
        new PrewriteValueBuilder(schemas.version())
            .update(tableId, concat(rowOf(a), rowOf(a)))
            .toBytes());
  }

  private Binlog dml(byte[] value) {
    clock += SECOND;
    Binlog prewrite = Binlog.prewrite(new Tso(clock), Payload.EMPTY, Payload.of(value));
    return prewrite.withCommit(Binlog.commitOf(prewrite, new Tso(clock + 1)));
  }

  private Binlog ddl(DdlJob job, int schemaState) {
    return ddl(job.id(), job.query(), schemaState);
  }

  private Binlog ddl(long jobId, String query, int schemaState) {
    clock += SECOND;
    Binlog prewrite =
        Binlog.prewriteDdl(
            new Tso(clock), Payload.EMPTY, Payload.ofUtf8(query), jobId, schemaState);
    return prewrite.withCommit(Binlog.commitOf(prewrite, new Tso(clock + 1)));
  }

  /** A row v1: column ids from 1 with signed values. */
  private static byte[] rowOf(long... values) {
    ByteWriter out = new ByteWriter(32);
    for (int i = 0; i < values.length; i++) {
      out.u8(8).uvarint((i + 1) * 2L).u8(8).uvarint(values[i] * 2);
    }
    return out.toBytes();
  }

  private static byte[] row(long a, long b) {
    return rowOf(a, b);
  }

  /** The hidden row id before the row. */
  private static byte[] insertRow(long a, long b) {
    return concat(new byte[] {8, 2}, rowOf(a, b));
  }

  private static byte[] concat(byte[] one, byte[] other) {
    byte[] both = new byte[one.length + other.length];
    System.arraycopy(one, 0, both, 0, one.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }
}
