package org.tidbbinlog.drainer.translate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.codec.ddl.DdlAction.CREATE_SCHEMA;
import static org.tidbbinlog.codec.ddl.DdlAction.CREATE_TABLE;
import static org.tidbbinlog.codec.ddl.DdlAction.TRUNCATE_TABLE;
import static org.tidbbinlog.drainer.Schemas.db;
import static org.tidbbinlog.drainer.Schemas.table;
import static org.tidbbinlog.drainer.translate.SmallUpstream.concat;
import static org.tidbbinlog.drainer.translate.SmallUpstream.insertRow;
import static org.tidbbinlog.drainer.translate.SmallUpstream.rowOf;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.mutation.PrewriteValueBuilder;
import org.tidbbinlog.drainer.Schemas;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.filter.FilterSettings.EventRule;
import org.tidbbinlog.drainer.filter.FilterSettings.MigrateRule;
import org.tidbbinlog.drainer.filter.FilterSettings.NameCase;
import org.tidbbinlog.drainer.filter.Loopback;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.drainer.source.PulledBinlog;

/** Single binlogs of a small made-up schema. */
@Timeout(30)
class TranslatorTest {
  private final SmallUpstream upstream = new SmallUpstream();
  private final Schemas schemas = upstream.schemas();

  @Test
  @DisplayName("mutations fact 9: start ts = commit ts moves the checkpoint and emits nothing")
  void heartbeat_becomes_progress_every_three_seconds() throws Exception {
    CaptureTranslation translation = CaptureTranslation.of(schemas);
    assertThat(translation.translate(upstream.fake()).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.PROGRESS);
    upstream.pass(Duration.ofSeconds(1));
    assertThat(translation.translate(upstream.fake())).isEmpty();
    upstream.pass(Duration.ofSeconds(3));
    assertThat(translation.translate(upstream.fake())).isPresent();
  }

  @Test
  @DisplayName("drainer fact 12: filtered transactions still move the checkpoint")
  void filtered_transaction_becomes_progress() throws Exception {
    CaptureTranslation translation =
        new CaptureTranslation(
            schemas, filter(List.of("d"), List.of(), Map.of()), TranslateSettings.DEFAULT);
    SinkItem item = translation.translate(upstream.insert(11, 1, 2)).orElseThrow();
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
            .delete(11, rowOf(1, 2))
            .insert(11, insertRow(3, 4))
            .toBytes();
    SinkItem.Transaction item =
        (SinkItem.Transaction) translation.translate(upstream.dml(value)).orElseThrow();
    assertThat(item.rows().count()).isEqualTo(1);
    assertThat(item.rows()).extracting(RowChange::kind).containsExactly(RowChange.Kind.INSERT);
    byte[] onlyDelete =
        new PrewriteValueBuilder(schemas.version()).delete(11, rowOf(1, 2)).toBytes();
    assertThat(translation.translate(upstream.dml(onlyDelete)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.PROGRESS);
  }

  @Test
  @DisplayName("drainer fact 16, mutations fact 10: rows of a truncated table id are dropped")
  void rows_of_a_truncated_id_are_dropped() throws Exception {
    DdlJob truncate =
        schemas.job(TRUNCATE_TABLE, 10, 11).table(table(12, "t", "a", "b")).query("x").done();
    CaptureTranslation translation = CaptureTranslation.of(schemas);
    assertThat(translation.translate(upstream.ddl(truncate, 5)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.DDL);
    assertThat(translation.translate(upstream.insert(11, 1, 2)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.PROGRESS);
    assertThat(translation.translate(upstream.insert(12, 1, 2)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.TRANSACTION);
  }

  @Test
  void unknown_table_is_an_error_that_names_the_way_out() throws Exception {
    CaptureTranslation translation = CaptureTranslation.of(schemas);
    Binlog unknown = upstream.insert(99, 1, 2);
    assertThatThrownBy(() -> translation.translate(unknown))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("table id 99")
        .hasMessageContaining(unknown.commitTs().toString())
        .hasMessageContaining("ignore-txn-commit-ts");
  }

  @Test
  void table_whose_job_entered_the_history_late_is_found() throws Exception {
    CaptureTranslation translation = CaptureTranslation.of(schemas);
    assertThat(translation.translate(upstream.insert(11, 1, 2))).isPresent();
    schemas.job(CREATE_TABLE, 10, 50).table(table(50, "late", "a", "b")).query("x").done();
    SinkItem.Transaction item =
        (SinkItem.Transaction) translation.translate(upstream.insert(50, 1, 2)).orElseThrow();
    assertThat(item.rows().iterator().next().table().table()).isEqualTo("late");
  }

  @Test
  void garbage_stops_with_its_commit_ts_in_a_short_message() throws Exception {
    CaptureTranslation translation = CaptureTranslation.of(schemas);
    Binlog garbage = upstream.dml(new byte[] {0x08, 0x02, 0x12, 0x7f, 0x01, 0x02, 0x03});
    assertThatThrownBy(() -> translation.translate(garbage))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining(garbage.commitTs().toString())
        .hasMessageContaining("ignore-txn-commit-ts")
        .satisfies(e -> assertThat(String.valueOf(e.getMessage()).length()).isLessThan(500));
    PulledBinlog broken =
        new PulledBinlog(
            "p",
            upstream.now(),
            new Tso(upstream.now().value() + 1),
            Payload.of(new byte[] {1, 2, 3}),
            new StageTimes());
    assertThatThrownBy(() -> translation.translate(broken))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining(String.valueOf(upstream.now().value() + 1));
  }

  @Test
  @DisplayName("drainer fact 17: an ignored commit ts is passed over and replication continues")
  void ignored_commit_ts_is_not_even_decoded() throws Exception {
    Binlog garbage = upstream.dml(new byte[] {0x7f});
    CaptureTranslation translation =
        new CaptureTranslation(
            schemas,
            FilterSettings.DEFAULT,
            new TranslateSettings(Set.of(garbage.commitTs()), SinkItem.Execution.EXECUTE, 1 << 20));
    assertThat(translation.translate(garbage).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.PROGRESS);
    assertThat(translation.translate(upstream.insert(11, 1, 2)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.TRANSACTION);
  }

  /** A Pump that sends the timestamps beside the payload gives even garbage a name. */
  @Test
  void ignored_commit_ts_of_an_unreadable_binlog_is_passed_over() throws Exception {
    Tso commitTs = new Tso(upstream.now().value() + 1);
    CaptureTranslation translation =
        new CaptureTranslation(
            schemas,
            FilterSettings.DEFAULT,
            new TranslateSettings(Set.of(commitTs), SinkItem.Execution.EXECUTE, 1 << 20));
    PulledBinlog broken =
        new PulledBinlog(
            "p", upstream.now(), commitTs, Payload.of(new byte[] {1, 2, 3}), new StageTimes());
    assertThat(translation.translate(broken).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.PROGRESS);
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
    byte[] deleted = new PrewriteValueBuilder(schemas.version()).delete(31, rowOf(0, 1)).toBytes();
    CaptureTranslation ours = CaptureTranslation.of(schemas, Loopback.channel(1));
    assertThat(ours.translate(upstream.dml(value)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.PROGRESS);
    assertThat(ours.translate(upstream.dml(deleted)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.PROGRESS);
    assertThat(ours.translate(upstream.insert(11, 1, 2)).orElseThrow().kind())
        .isEqualTo(SinkItem.Kind.TRANSACTION);
    for (Loopback other : List.of(Loopback.channel(2), Loopback.OFF)) {
      SinkItem.Transaction passed =
          (SinkItem.Transaction)
              CaptureTranslation.of(schemas, other).translate(upstream.dml(value)).orElseThrow();
      assertThat(passed.rows()).hasSize(2);
    }
  }

  private static FilterSettings filter(
      List<String> ignored, List<MigrateRule> rules, Map<String, EventRule> events) {
    return new FilterSettings(
        List.of(), List.of(), ignored, List.of(), rules, events, NameCase.IGNORED);
  }
}
