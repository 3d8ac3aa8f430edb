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
import static org.tidbbinlog.drainer.translate.SmallUpstream.concat;
import static org.tidbbinlog.drainer.translate.SmallUpstream.rowOf;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.mutation.PrewriteValueBuilder;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.IndexInfo;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.drainer.Schemas;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.filter.FilterSettings.NameCase;
import org.tidbbinlog.drainer.filter.Loopback;
import org.tidbbinlog.drainer.schema.UnknownActions;
import org.tidbbinlog.drainer.sink.Obstacle;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.testkit.schema.TableDraft;

/** DDL of a small made-up schema, and rows around it. */
@Timeout(30)
class DdlTranslationTest {
  private final SmallUpstream upstream = new SmallUpstream();
  private final Schemas schemas = upstream.schemas();

  @Test
  @DisplayName("ddl-meta fact 6: SELECT SETVAL in any case triggers no job lookup")
  void sequence_values_are_passed_over() throws Exception {
    Binlog setval = upstream.ddl(987654, "Select SetVal(`d`.`s`, 10);", 5);
    assertThat(CaptureTranslation.of(schemas).translate(setval).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.PROGRESS);
  }

  @Test
  @DisplayName("ddl-meta fact 8: while a column is dropped, updates without it get the default")
  void rows_may_lack_a_column_that_is_on_its_way_out() throws Exception {
    CaptureTranslation translation = CaptureTranslation.of(schemas);
    translation.translate(upstream.insert(11, 1, 2));
    Binlog withoutB = upstream.update(11, 1);
    assertThatThrownBy(() -> translation.translate(withoutB))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("row data is corrupted");
    long version = schemas.version();
    DdlJob drop = schemas.job(DROP_COLUMN, 10, 11).table(table(11, "t", "a")).query("x").done();
    assertThat(translation.translate(upstream.ddl(drop, 1)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.PROGRESS);
    byte[] value =
        new PrewriteValueBuilder(version).update(11, concat(rowOf(1), rowOf(1))).toBytes();
    assertThat(translation.translate(upstream.dml(value)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.TRANSACTION);
    SinkItem.Ddl last = (SinkItem.Ddl) translation.translate(upstream.ddl(drop, 0)).orElseThrow();
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
    CaptureTranslation translation = CaptureTranslation.of(schemas);
    translation.translate(upstream.ddl(drop, 1));
    byte[] value =
        new PrewriteValueBuilder(version).update(12, concat(rowOf(1), rowOf(2))).toBytes();
    SinkItem.Transaction item =
        (SinkItem.Transaction) translation.translate(upstream.dml(value)).orElseThrow();
    RowChange.Update update = (RowChange.Update) item.rows().iterator().next();
    assertThat(update.before().columns()).hasSize(1);
    assertThat(update.after().values()).hasSize(1);
  }

  @Test
  void rows_tell_the_version_of_their_writer_which_may_be_behind() throws Exception {
    CaptureTranslation translation = CaptureTranslation.of(schemas);
    Binlog late = upstream.insert(11, 1, 2);
    long version = schemas.version();
    DdlJob other =
        schemas.job(CREATE_TABLE, 10, 12).table(table(12, "p", "a")).query("create table p").done();
    translation.translate(upstream.ddl(other, 5));
    SinkItem.Transaction item = (SinkItem.Transaction) translation.translate(late).orElseThrow();
    assertThat(item.schemaVersion()).isEqualTo(version + 1);
    assertThat(item.rows().schemaVersion()).isEqualTo(version);
  }

  @Test
  void column_that_a_ddl_may_be_taking_away_unheard_is_left_alone() throws Exception {
    CaptureTranslation translation = CaptureTranslation.of(schemas);
    translation.translate(upstream.insert(11, 1, 2));
    byte[] value =
        new PrewriteValueBuilder(schemas.version() + 3)
            .update(11, concat(rowOf(1), rowOf(2)))
            .toBytes();
    SinkItem.Transaction item =
        (SinkItem.Transaction) translation.translate(upstream.dml(value)).orElseThrow();
    RowChange.Update update = (RowChange.Update) item.rows().iterator().next();
    assertThat(update.before().columns()).hasSize(1);
    assertThat(update.after().columns()).hasSize(1);
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
    SinkItem.Ddl item = (SinkItem.Ddl) translation.translate(upstream.ddl(add, 5)).orElseThrow();
    assertThat(item.execution()).isEqualTo(SinkItem.Execution.FORGET_ONLY);
  }

  @Test
  void marked_ddl_of_our_channel_only_makes_the_sink_forget() throws Exception {
    String marked = Loopback.channel(1).marked("truncate table t");
    DdlJob job =
        schemas.job(TRUNCATE_TABLE, 10, 11).table(table(12, "t", "a", "b")).query(marked).done();
    SinkItem.Ddl ours =
        (SinkItem.Ddl)
            CaptureTranslation.of(schemas, Loopback.channel(1))
                .translate(upstream.ddl(job, 5))
                .orElseThrow();
    assertThat(ours.execution()).isEqualTo(SinkItem.Execution.FORGET_ONLY);
    SinkItem.Ddl other =
        (SinkItem.Ddl)
            CaptureTranslation.of(schemas, Loopback.channel(11))
                .translate(upstream.ddl(job, 5))
                .orElseThrow();
    assertThat(other.execution()).isEqualTo(SinkItem.Execution.EXECUTE);
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
    CaptureTranslation translation = CaptureTranslation.of(schemas);
    SinkItem.Ddl first = (SinkItem.Ddl) translation.translate(upstream.ddl(away, 5)).orElseThrow();
    assertThat(first.schema()).isEqualTo("d");
    assertThat(first.table()).isEqualTo("u");
    SinkItem.Ddl second = (SinkItem.Ddl) translation.translate(upstream.ddl(back, 5)).orElseThrow();
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
    SinkItem.Ddl item = (SinkItem.Ddl) partly.translate(upstream.ddl(rename, 5)).orElseThrow();
    assertThat(item.query()).isEqualTo("RENAME TABLE `t` TO `d`.`t``2`, `k` TO `k2`");
    assertThat(item.schema()).isEqualTo("d");
    SinkItem.Ddl whole =
        (SinkItem.Ddl)
            CaptureTranslation.of(schemas).translate(upstream.ddl(rename, 5)).orElseThrow();
    assertThat(whole.query()).isEqualTo(rename.query());
  }

  @Test
  void unknown_action_that_is_ignored_is_left_out_and_rows_go_on() throws Exception {
    DdlJob unknown = schemas.job(UNKNOWN, 10, 11).query("alter table t do something new").done();
    CaptureTranslation translation =
        new CaptureTranslation(
            schemas, FilterSettings.DEFAULT, TranslateSettings.DEFAULT, UnknownActions.IGNORE);
    assertThat(translation.translate(upstream.ddl(unknown, 5)).map(SinkItem::kind))
        .isNotEqualTo(Optional.of(SinkItem.Kind.DDL));
    assertThat(translation.translate(upstream.insert(11, 1, 2)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.TRANSACTION);
  }

  @Test
  void unknown_action_that_is_held_reaches_the_target_with_its_tables() throws Exception {
    DdlJob unknown = schemas.job(UNKNOWN, 10, 11).query("frobnicate d.k").done();
    CaptureTranslation translation =
        new CaptureTranslation(
            schemas, FilterSettings.DEFAULT, TranslateSettings.DEFAULT, UnknownActions.HOLD);
    SinkItem.Ddl item =
        (SinkItem.Ddl) translation.translate(upstream.ddl(unknown, 5)).orElseThrow();
    assertThat(item.obstacle().kind()).isEqualTo(Obstacle.Kind.UNKNOWN_ACTION);
    assertThat(item.obstacle().why()).contains("job " + unknown.id()).contains("unknown action");
    assertThat(item.obstacle().tables()).containsExactly(new Obstacle.Table("d", "t"));
    assertThat(item.query()).isEqualTo("frobnicate d.k");
    assertThat(translation.translate(upstream.insert(11, 1, 2)).orElseThrow().kind())
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
    SinkItem.Ddl item =
        (SinkItem.Ddl) translation.translate(upstream.ddl(unknown, 5)).orElseThrow();
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
    CaptureTranslation translation = CaptureTranslation.of(schemas);
    Binlog binlog = upstream.ddl(batch, 5);
    SinkItem.Ddl item = (SinkItem.Ddl) translation.translate(binlog).orElseThrow();
    assertThat(item.query()).isEmpty();
    assertThat(item.table()).isEqualTo("m");
    assertThat(translation.translate(upstream.insert(61, 1, 2)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.TRANSACTION);
  }
}
