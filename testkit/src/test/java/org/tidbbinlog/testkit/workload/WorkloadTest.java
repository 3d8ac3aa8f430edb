package org.tidbbinlog.testkit.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.ddl.DdlJobJson;
import org.tidbbinlog.codec.key.MetaKey;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.schema.TableInfoJson;
import org.tidbbinlog.testkit.ClusterDouble;

@Timeout(120)
class WorkloadTest {
  private static final WorkloadSpec SPEC =
      WorkloadSpec.usual().withDdlPercent(10).withUncertainPercent(5);

  private static Supplier<Tso> clock() {
    long[] last = {Tso.of(1_700_000_000_000L, 0).value()};
    return () -> new Tso(last[0] += 7);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everythingMade_decodesUnderTheSchemaOfItsTime_andEqualsTheModel(long seed) {
    Workload workload = new Workload(seed, SPEC);
    Supplier<Tso> clock = clock();
    Mirror mirror = new Mirror();
    List<DdlJob> jobs = new ArrayList<>();
    for (int i = 0; i < 1_000 || !workload.isSettled(); i++) {
      WorkloadStep step = workload.next(clock);
      if (step.kind() == WorkloadStep.Kind.DDL) {
        WorkloadStep.Ddl ddl = (WorkloadStep.Ddl) step;
        jobs.add(ddl.job());
        mirror.apply(ddl);
        takeRowsOfPartitions(workload, mirror, ddl.job());
      } else {
        WorkloadStep.Transaction transaction = (WorkloadStep.Transaction) step;
        assertThat(transaction.touched()).isNotEmpty();
        if (transaction.outcome().isCommitted()) {
          mirror.apply(Binlog.decode(ByteBuffer.wrap(step.prewrite().encode())));
        }
      }
      if (i % 100 == 99 && workload.isSettled()) {
        mirror.assertEquals(workload.truth());
      }
    }
    mirror.assertEquals(workload.truth());
    assertThat(jobs).extracting(DdlJob::schemaVersion).isSorted();
    assertThat(workload.truth().stream().mapToInt(table -> table.rows().size()).sum())
        .isGreaterThan(500);
  }

  private static void takeRowsOfPartitions(Workload workload, Mirror mirror, DdlJob job) {
    if (job.action() == DdlAction.DROP_TABLE_PARTITION
        || job.action() == DdlAction.TRUNCATE_TABLE_PARTITION) {
      workload.truth().stream()
          .filter(table -> table.table().equals(job.tableName()))
          .filter(table -> table.schema().equals(job.schemaName()))
          .forEach(table -> mirror.takeRows(job.tableId(), table));
    }
  }

  /** Seeds whose newest database takes in all tables before it is to be dropped. */
  @ParameterizedTest
  @ValueSource(longs = {67, 102, 120, 155, 242})
  void load_ofDdlMostly_neverDropsItsLastTable(long seed) {
    WorkloadSpec spec = new WorkloadSpec(1, 1, 2, 2, 6, 60, 0, 0, WorkloadSpec.Tables.ANY_KIND);
    Workload workload = new Workload(seed, spec, DdlKinds.EVERY);
    Supplier<Tso> clock = clock();
    for (int i = 0; i < 200 || !workload.isSettled(); i++) {
      workload.next(clock);
    }
    assertThat(workload.truth()).isNotEmpty();
  }

  @Test
  void manySteps_coverTheKindsOfDdlAndOutcome() {
    Set<DdlAction> actions = EnumSet.noneOf(DdlAction.class);
    Set<Outcome> outcomes = EnumSet.noneOf(Outcome.class);
    Workload workload = new Workload(42, SPEC);
    Supplier<Tso> clock = clock();
    for (int i = 0; i < 2_500; i++) {
      WorkloadStep step = workload.next(clock);
      if (step.kind() == WorkloadStep.Kind.DDL) {
        actions.add(((WorkloadStep.Ddl) step).job().action());
      } else {
        outcomes.add(((WorkloadStep.Transaction) step).outcome());
      }
    }
    assertThat(outcomes).containsExactlyInAnyOrder(Outcome.values());
    assertThat(actions)
        .contains(
            DdlAction.CREATE_SCHEMA,
            DdlAction.DROP_SCHEMA,
            DdlAction.CREATE_TABLE,
            DdlAction.DROP_TABLE,
            DdlAction.ADD_COLUMN,
            DdlAction.DROP_COLUMN,
            DdlAction.ADD_INDEX,
            DdlAction.DROP_INDEX,
            DdlAction.TRUNCATE_TABLE,
            DdlAction.MODIFY_COLUMN,
            DdlAction.RENAME_TABLE,
            DdlAction.RENAME_TABLES,
            DdlAction.SET_DEFAULT_VALUE,
            DdlAction.MODIFY_TABLE_COMMENT,
            DdlAction.ADD_TABLE_PARTITION,
            DdlAction.DROP_TABLE_PARTITION,
            DdlAction.TRUNCATE_TABLE_PARTITION);
  }

  @Test
  void everyKindOfDdl_isMade_butThatOfOldServersAndWhatNoBinlogTellsOf() {
    Set<DdlAction> notMade =
        EnumSet.of(
            DdlAction.ADD_FOREIGN_KEY,
            DdlAction.DROP_FOREIGN_KEY,
            DdlAction.REPAIR_TABLE,
            DdlAction.UPDATE_TIFLASH_REPLICA_STATUS,
            DdlAction.ALTER_TABLE_ALTER_PARTITION,
            DdlAction.ALTER_CACHE_TABLE,
            DdlAction.ALTER_NOCACHE_TABLE,
            DdlAction.FLASHBACK_CLUSTER,
            DdlAction.UNUSED_66,
            DdlAction.UNKNOWN);
    Set<DdlAction> missing = EnumSet.allOf(DdlAction.class);
    for (long seed = 1; seed <= 100 && missing.size() > notMade.size(); seed++) {
      WorkloadSpec spec = WorkloadSpec.usual().withTables(2, 8).withDdlPercent(60);
      Workload workload = new Workload(seed, spec, DdlKinds.EVERY);
      Supplier<Tso> clock = clock();
      for (int i = 0; i < 600; i++) {
        WorkloadStep step = workload.next(clock);
        if (step.kind() == WorkloadStep.Kind.DDL) {
          missing.remove(((WorkloadStep.Ddl) step).job().action());
        }
      }
    }
    assertThat(missing).isEqualTo(notMade);
  }

  /** Seed 3 drops its last table in a DDL, seed 14 ahead of a transaction. */
  @Test
  void loadThatDropsItsLastTable_makesAnother() {
    WorkloadSpec spec = WorkloadSpec.usual().withTables(1, 1).withDdlPercent(60);
    for (long seed = 1; seed <= 50; seed++) {
      Workload workload = new Workload(seed, spec, DdlKinds.EVERY);
      Supplier<Tso> clock = clock();
      for (int i = 0; i < 600; i++) {
        assertThat(workload.next(clock)).isNotNull();
      }
    }
  }

  @Test
  void sameSeed_givesTheSameBytes() {
    assertThat(bytes(7)).isEqualTo(bytes(7)).isNotEqualTo(bytes(8));
  }

  private static List<String> bytes(long seed) {
    Workload workload = new Workload(seed, SPEC);
    Supplier<Tso> clock = clock();
    List<String> bytes = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      bytes.add(HexFormat.of().formatHex(workload.next(clock).prewrite().encode()));
    }
    return bytes;
  }

  @Test
  void playedIntoADouble_metaSpaceHoldsTablesAndHistory() {
    try (ClusterDouble cluster = ClusterDouble.start()) {
      List<Binlog> written = new ArrayList<>();
      WorkloadPlayer player = new WorkloadPlayer(new ClusterDoublePort(cluster, written::add));
      Workload workload = new Workload(11, SPEC);
      player.begin(workload);
      TreeMap<Long, TableInfo> expected = new TreeMap<>();
      Tso last = Tso.ZERO;
      for (int i = 0; i < 300 || !workload.isSettled(); i++) {
        WorkloadStep step = workload.next(() -> cluster.pd().nextTso());
        last = player.play(step).max(last);
        assertThat(written).isNotEmpty();
        if (step.kind() == WorkloadStep.Kind.DDL) {
          DdlJob job = ((WorkloadStep.Ddl) step).job();
          if (job.isFinished()) {
            byte[] history = value(cluster, MetaKey.job(job.id()));
            assertThat(DdlJobJson.parse(history)).isEqualTo(job);
          }
          TableInfo info = job.tableInfo();
          if (info != null && job.action() != DdlAction.DROP_TABLE) {
            byte[] json = value(cluster, MetaKey.table(job.schemaId(), info.id()));
            assertThat(TableInfoJson.parse(json)).isEqualTo(info);
            expected.put(info.id(), info);
          }
        }
      }
      assertThat(expected).isNotEmpty();
      assertThat(last.isZero()).isFalse();
    }
  }

  private static byte[] value(ClusterDouble cluster, MetaKey key) {
    return cluster.tikv().valueAt(key.encode(), cluster.pd().nextTso()).orElseThrow();
  }
}
