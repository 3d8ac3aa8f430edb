package org.tidbbinlog.drainer.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.codec.ddl.DdlAction.*;
import static org.tidbbinlog.drainer.Schemas.db;
import static org.tidbbinlog.drainer.Schemas.partitions;
import static org.tidbbinlog.drainer.Schemas.table;
import static org.tidbbinlog.drainer.schema.UnknownActions.STOP;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.ddl.JobState;
import org.tidbbinlog.codec.schema.TableInfoJson;
import org.tidbbinlog.drainer.Schemas;

class SchemaTrackerTest {
  private final Schemas schemas = new Schemas();
  private final SchemaTracker tracker =
      new SchemaTracker(SchemaSnapshot.initial(), List.of(), UnknownActions.STOP);

  @BeforeEach
  void twoDatabasesWithTables() {
    tracker.apply(schemas.job(CREATE_SCHEMA, 10, 0).db(db(10, "d1")).done());
    tracker.apply(schemas.job(CREATE_SCHEMA, 20, 0).db(db(20, "d2")).done());
    tracker.apply(schemas.job(CREATE_TABLE, 10, 11).table(table(11, "a", "x")).done());
    tracker.apply(schemas.job(CREATE_TABLE, 10, 12).table(table(12, "b", "x")).done());
  }

  @Test
  @DisplayName("ddl-meta fact 7: rolled back and cancelled jobs change nothing, done and synced do")
  void only_done_and_synced_jobs_are_applied() {
    for (JobState state : List.of(JobState.ROLLBACK_DONE, JobState.CANCELLED)) {
      tracker.apply(schemas.job(DROP_TABLE, 10, 11).state(state).done());
      assertThat(names()).containsKey(11L);
    }
    tracker.apply(schemas.job(DROP_TABLE, 10, 11).state(JobState.DONE).done());
    tracker.apply(schemas.job(DROP_TABLE, 10, 12).state(JobState.SYNCED).done());
    assertThat(names()).isEmpty();
  }

  @Test
  @DisplayName("ddl-meta fact 9: after TRUNCATE the new id resolves and the old one is dropped")
  void truncated_table_lives_on_under_its_new_id() {
    tracker.apply(schemas.job(TRUNCATE_TABLE, 10, 11).table(table(31, "a", "x")).done());
    assertThat(names()).containsEntry(31L, "d1.a").doesNotContainKey(11L);
    assertThat(tracker.current().isTruncated(11)).isTrue();
  }

  @Test
  @DisplayName("ddl-meta fact 10: RENAME TABLES across databases resolves both new names")
  void renamed_tables_resolve_with_and_without_arguments() {
    ArrayNode args = JsonNodeFactory.instance.arrayNode();
    args.add(Schemas.array(10, 10)).add(Schemas.array(20, 10));
    tracker.apply(
        schemas
            .job(RENAME_TABLES, 10, 11)
            .args(args)
            .tables(table(11, "a2", "x"), table(12, "b2", "x"))
            .table(table(12, "b2", "x"))
            .done());
    assertThat(names()).containsEntry(11L, "d2.a2").containsEntry(12L, "d1.b2");
    tracker.apply(
        schemas
            .job(RENAME_TABLES, 20, 11)
            .query("rename table d2.a2 to `d1`.`a3`, d1.b2 to /* x */ d2.`b``3`")
            .tables(table(11, "a3", "x"), table(12, "b`3", "x"))
            .done());
    assertThat(names()).containsEntry(11L, "d1.a3").containsEntry(12L, "d2.b`3");
  }

  @Test
  void rename_without_table_list_follows_the_statement() {
    tracker.apply(
        schemas
            .job(RENAME_TABLES, 10, 12)
            .query("RENAME TABLE a TO c, b TO a, c TO d2.b;")
            .table(table(11, "b", "x"))
            .done());
    assertThat(names()).containsEntry(11L, "d2.b").containsEntry(12L, "d1.a");
  }

  @Test
  @DisplayName("ddl-meta fact 10: EXCHANGE PARTITION gives the plain table the partition's id")
  void exchanged_table_resolves_under_the_partitions_id() {
    tracker.apply(
        schemas.job(CREATE_TABLE, 10, 40).table(table(40, "pt", partitions(41, 42), "x")).done());
    tracker.apply(
        schemas
            .job(EXCHANGE_TABLE_PARTITION, 10, 11)
            .table(table(40, "pt", partitions(41, 11), "x"))
            .done());
    assertThat(names()).containsEntry(42L, "d1.a").containsEntry(40L, "d1.pt");
    assertThat(names()).doesNotContainKey(11L);
    tracker.apply(
        schemas
            .job(EXCHANGE_TABLE_PARTITION, 10, 12)
            .args(Schemas.array(41, 10, 40))
            .table(table(40, "pt", partitions(12, 11), "x"))
            .done());
    assertThat(names()).containsEntry(41L, "d1.b");
  }

  @Test
  @DisplayName("ddl-meta fact 10: rows of a repartitioned table resolve under new and old id")
  void repartitioned_table_resolves_under_both_ids() {
    for (DdlAction action : List.of(ALTER_TABLE_PARTITIONING, REMOVE_PARTITIONING)) {
      long old = action == ALTER_TABLE_PARTITIONING ? 11 : 50;
      long next = action == ALTER_TABLE_PARTITIONING ? 50 : 51;
      tracker.apply(schemas.job(action, 10, old).table(table(next, "a", "x")).done());
      assertThat(names()).containsEntry(next, "d1.a").doesNotContainKey(old);
      assertThat(tracker.current().table(old).orElseThrow().info().id()).isEqualTo(next);
      assertThat(tracker.current().isTruncated(old)).isFalse();
    }
    assertThat(tracker.current().table(11).orElseThrow().info().id()).isEqualTo(51);
  }

  @Test
  @DisplayName("ddl-meta fact 11: actions without effect change nothing and are no error")
  void actions_without_effect_change_nothing() {
    Map<Long, String> before = names();
    for (DdlAction action : DdlAction.values()) {
      if (action.isSilent()) {
        DdlJob job = schemas.job(action, 10, 11).done();
        assertThatCode(() -> tracker.apply(job)).doesNotThrowAnyException();
      }
    }
    assertThat(names()).isEqualTo(before);
    assertThat(tracker.current().version()).isEqualTo(schemas.version());
  }

  @Test
  @DisplayName("ddl-meta fact 13: CREATE TABLES adds every table of the job")
  void batch_create_adds_every_table() {
    tracker.apply(
        schemas.job(CREATE_TABLES, 20, 61).tables(table(61, "m", "x"), table(62, "n", "x")).done());
    assertThat(names()).containsEntry(61L, "d2.m").containsEntry(62L, "d2.n");
  }

  @Test
  void dropped_schema_takes_its_tables_and_recovery_brings_them_back() {
    tracker.apply(schemas.job(DROP_SCHEMA, 10, 0).db(db(10, "d1")).done());
    assertThat(names()).isEmpty();
    tracker.apply(schemas.job(RECOVER_SCHEMA, 10, 0).db(db(10, "d1new")).done());
    assertThat(names()).containsEntry(11L, "d1new.a").containsEntry(12L, "d1new.b");
  }

  @Test
  void recovered_schema_takes_its_tables_from_the_arguments() {
    ArrayNode args = JsonNodeFactory.instance.arrayNode();
    args.addObject()
        .putArray("RecoverTabsInfo")
        .addObject()
        .set("TableInfo", TableInfoJson.toJson(table(77, "back", "x")));
    tracker.apply(schemas.job(RECOVER_SCHEMA, 70, 0).db(db(70, "again")).args(args).done());
    assertThat(names()).containsEntry(77L, "again.back");
  }

  @Test
  void recovered_table_returns_under_its_old_id() {
    tracker.apply(schemas.job(DROP_TABLE, 10, 11).table(table(11, "a", "x")).done());
    tracker.apply(schemas.job(RECOVER_TABLE, 10, 11).table(table(11, "a_back", "x")).done());
    assertThat(names()).containsEntry(11L, "d1.a_back");
  }

  @Test
  void applying_a_job_twice_changes_nothing() {
    DdlJob job = schemas.job(TRUNCATE_TABLE, 10, 11).table(table(31, "a", "x")).done();
    tracker.apply(job);
    Map<Long, String> before = names();
    tracker.apply(job);
    assertThat(names()).isEqualTo(before);
  }

  @Test
  void several_changes_in_one_statement_wait_for_their_binlog_though_rows_know_them_already() {
    DdlJob change = changeAt(Tso.of(10_000, 0));
    DdlJob other = schemas.job(CREATE_TABLE, 10, 13).table(table(13, "c", "x")).done();
    for (boolean known : new boolean[] {true, false}) {
      SchemaTracker fresh =
          new SchemaTracker(tracker.current(), known ? List.of(change) : List.of(), STOP);
      fresh.advanceTo(change.schemaVersion(), Tso.of(9_999, 0));
      fresh.apply(other);
      fresh.advanceTo(other.schemaVersion(), Tso.of(10_000, 0));
      assertThat(columns(fresh)).as("known %s", known).isEqualTo(1);
      SchemaTracker.Step step = fresh.apply(change);
      assertThat(step.before().table(11).orElseThrow().info().columns()).hasSize(1);
      assertThat(columns(fresh)).as("known %s", known).isEqualTo(2);
      assertThat(fresh.current().version()).isEqualTo(other.schemaVersion());
    }
  }

  @Test
  void several_changes_whose_binlog_never_comes_are_applied_a_little_later() {
    DdlJob change = changeAt(Tso.of(10_000, 0));
    SchemaTracker fresh = new SchemaTracker(tracker.current(), List.of(change), STOP);
    fresh.advanceTo(change.schemaVersion(), Tso.of(69_000, 0));
    assertThat(columns(fresh)).isEqualTo(1);
    fresh.advanceTo(change.schemaVersion(), Tso.of(71_000, 0));
    assertThat(columns(fresh)).isEqualTo(2);
  }

  @Test
  void several_changes_are_part_of_a_start_when_their_binlog_is_behind_the_checkpoint() {
    DdlJob change = changeAt(Tso.of(10_000, 0));
    for (long checkpointMs : new long[] {9_000, 11_000}) {
      SchemaTracker fresh = new SchemaTracker(tracker.current(), List.of(change), STOP);
      fresh.startAt(change.schemaVersion(), Tso.of(checkpointMs, 0));
      assertThat(columns(fresh)).isEqualTo(checkpointMs == 9_000 ? 1 : 2);
    }
  }

  @Test
  void several_changes_do_not_bring_back_what_was_changed_or_dropped_since() {
    DdlJob change = changeAt(Tso.of(10_000, 0));
    tracker.apply(schemas.job(MODIFY_COLUMN, 10, 11).table(table(11, "a", "z")).done());
    tracker.apply(change);
    assertThat(columns(tracker)).isEqualTo(1);
    tracker.apply(schemas.job(DROP_TABLE, 10, 11).done());
    tracker.apply(change);
    assertThat(tracker.current().table(11)).isEmpty();
  }

  private DdlJob changeAt(Tso finished) {
    return schemas
        .job(MULTI_SCHEMA_CHANGE, 10, 11)
        .table(table(11, "a", "x", "y"))
        .finishedAt(finished)
        .done();
  }

  private static int columns(SchemaTracker of) {
    return of.current().table(11).orElseThrow().info().columns().size();
  }

  @Test
  void job_of_a_database_that_came_without_one_is_taken_at_its_word() {
    SchemaTracker restored =
        new SchemaTracker(SchemaSnapshot.initial(), List.of(), UnknownActions.STOP);
    restored.apply(schemas.job(ADD_COLUMN, 10, 11).table(table(11, "a", "x", "y")).done());
    assertThat(restored.current().table(11)).isPresent();
  }

  @Test
  void unknown_action_without_a_table_stops_with_the_way_out() {
    DdlJob job = schemas.job(UNKNOWN, 10, 11).done();
    assertThatThrownBy(() -> tracker.apply(job))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("unknown action")
        .hasMessageContaining("ignore-txn-commit-ts");
    SchemaTracker lenient = new SchemaTracker(tracker.current(), List.of(), UnknownActions.IGNORE);
    assertThatCode(() -> lenient.apply(job)).doesNotThrowAnyException();
  }

  @Test
  void two_newest_structures_serve_defaults_of_older_rows() {
    long created = tracker.current().table(11).orElseThrow().lastDdlVersion();
    tracker.apply(schemas.job(ADD_COLUMN, 10, 11).table(table(11, "a", "x", "y")).done());
    TrackedTable now = tracker.current().table(11).orElseThrow();
    assertThat(now.info().columns()).hasSize(2);
    assertThat(now.defaultsFor(created).columns()).hasSize(1);
    assertThat(now.defaultsFor(now.lastDdlVersion()).columns()).hasSize(2);
    assertThat(now.mayMissColumns(created)).isTrue();
    assertThat(now.mayMissColumns(now.lastDdlVersion())).isFalse();
  }

  @Test
  void forty_thousand_tables_are_tracked_with_cheap_steps() {
    SchemaSnapshot snapshot = tracker.current();
    for (int i = 0; i < 40_000; i++) {
      snapshot = snapshot.withTable(10, i, table(1000 + i, "t" + i, "x"));
    }
    SchemaSnapshot before = snapshot;
    for (int i = 0; i < 1000; i++) {
      snapshot = snapshot.withTable(10, 50_000 + i, table(1000 + i, "t" + i, "x", "y"));
    }
    assertThat(before.table(1000).orElseThrow().info().columns()).hasSize(1);
    assertThat(snapshot.table(1000).orElseThrow().info().columns()).hasSize(2);
    assertThat(snapshot.tableCount()).isEqualTo(40_002);
  }

  private Map<Long, String> names() {
    Map<Long, String> names = new TreeMap<>();
    SchemaSnapshot current = tracker.current();
    current.forEachTable(
        (id, table) ->
            names.put(id, current.databaseNameOf(table) + "." + table.info().name().original()));
    return names;
  }
}
