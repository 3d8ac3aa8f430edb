package org.tidbbinlog.cluster.tikv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.schema.SchemaSource.DatabaseDump;
import org.tidbbinlog.cluster.schema.SchemaSource.SchemaDump;
import org.tidbbinlog.cluster.schema.SnapshotTooOldException;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.key.MetaKey;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.testkit.capture.Capture;
import org.tidbbinlog.testkit.tikv.RegionFault;
import org.tidbbinlog.testkit.tikv.TikvCall;

@Timeout(60)
class TikvSchemaSourceTest {
  private final TikvFixture on = new TikvFixture();
  private final TikvSchemaSource source = new TikvSchemaSource(on.client(), 3);

  TikvSchemaSourceTest() throws InterruptedException {}

  @AfterEach
  void close() {
    on.close();
  }

  private void put(MetaKey key, String value) throws InterruptedException {
    on.tikv().putMeta(key.encode(), value.getBytes(StandardCharsets.UTF_8), on.now());
  }

  private void putDb(long id, String name) throws InterruptedException {
    put(
        MetaKey.database(id),
        "{\"id\":" + id + ",\"db_name\":{\"O\":\"" + name + "\",\"L\":\"" + name + "\"}}");
  }

  private void putTable(long db, long id, String name) throws InterruptedException {
    put(
        MetaKey.table(db, id),
        "{\"id\":"
            + id
            + ",\"name\":{\"O\":\""
            + name
            + "\",\"L\":\""
            + name
            + "\"},\"cols\":null}");
  }

  private static Map<String, List<String>> names(SchemaDump dump) {
    Map<String, List<String>> names = new TreeMap<>();
    for (DatabaseDump db : dump.databases()) {
      names.put(db.info().name().toString(), db.tables().stream().map(t -> t.id() + "").toList());
    }
    return names;
  }

  private Capture load(String name) throws Exception {
    Capture capture = Capture.open(Path.of(System.getProperty("captures.dir"), name));
    Tso at = on.now();
    capture.meta().forEach(pair -> on.tikv().putMeta(pair.key(), pair.value(), at));
    on.tikv().knowOnlyFrom(at);
    return capture;
  }

  @Test
  @DisplayName("tikv-access fact 1: schema version, databases, tables and jobs of a real cluster")
  void snapshotAndHistory_ofARealCluster_areComplete() throws Exception {
    Capture capture = load("03-ddl");
    SchemaDump dump = source.snapshotAt(on.now());
    long tables = 0;
    long databases = 0;
    String version = "";
    for (var pair : capture.meta()) {
      MetaKey key = MetaKey.decode(java.nio.ByteBuffer.wrap(pair.key()));
      if (key.isTable()) {
        tables++;
      } else if (key.name().equals("DBs") && key.kind() == MetaKey.Kind.HASH_DATA) {
        databases++;
      } else if (key.name().equals("SchemaVersionKey")) {
        version = new String(pair.value(), StandardCharsets.UTF_8);
      }
    }
    assertThat(dump.databases()).hasSize((int) databases);
    assertThat(dump.databases().stream().mapToLong(db -> db.tables().size()).sum())
        .isEqualTo(tables);
    assertThat(dump.schemaVersion()).isEqualTo(Long.parseLong(version));
    assertThat(historyIds()).containsExactlyInAnyOrderElementsOf(httpHistoryIds(capture.folder()));
    long job = historyIds().get(5);
    assertThat(source.job(job, on.now()))
        .hasValueSatisfying(j -> assertThat(j.id()).isEqualTo(job));
  }

  private List<Long> historyIds() throws InterruptedException {
    List<Long> ids = new ArrayList<>();
    source.historyAt(on.now()).forEachRemaining(job -> ids.add(job.id()));
    return ids;
  }

  private static List<Long> httpHistoryIds(Path folder) throws Exception {
    try (InputStream in =
        new GZIPInputStream(Files.newInputStream(folder.resolve("history.json.gz")))) {
      List<Long> ids = new ArrayList<>();
      for (JsonNode job : new ObjectMapper().readTree(in)) {
        ids.add(job.get("id").longValue());
      }
      return ids;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 256})
  @DisplayName("tikv-access fact 4: any page size gives the same tables, and DB:1 is not DB:10")
  void snapshotAt_anyPageSize_isTheSame(int pageSize) throws Exception {
    putDb(1, "one");
    putDb(10, "ten");
    putTable(1, 11, "a");
    putTable(1, 12, "b");
    putTable(1, 13, "c");
    putTable(10, 101, "d");
    put(MetaKey.hash("DB:1", "TID:11"), "30000");
    put(MetaKey.hash("DB:1", "SID:12"), "1");
    put(MetaKey.schemaVersion(), "41");
    SchemaDump dump = new TikvSchemaSource(on.client(), pageSize).snapshotAt(on.now());
    assertThat(dump.schemaVersion()).isEqualTo(41);
    assertThat(dump.databases()).extracting(db -> db.info().id()).containsExactly(1L, 10L);
    assertThat(dump.databases().get(0).tables())
        .extracting(TableInfo::id)
        .containsExactly(11L, 12L, 13L);
    assertThat(dump.databases().get(1).tables()).extracting(TableInfo::id).containsExactly(101L);
  }

  @Test
  @DisplayName("ddl-meta fact 4: a prefix scan of DB:1 keeps only Table: fields")
  void snapshotAt_otherFields_areSkipped() throws Exception {
    putDb(1, "one");
    putTable(1, 11, "a");
    for (String field : List.of("TID:11", "IID:11", "TARID:11", "SID:11", "SequenceCycle:11")) {
      put(MetaKey.hash("DB:1", field), "1");
    }
    assertThat(names(source.snapshotAt(on.now())).values()).containsExactly(List.of("11"));
  }

  @Test
  void snapshotAt_olderTimestamp_seesTheOldSchema() throws Exception {
    putDb(1, "one");
    putTable(1, 11, "a");
    put(MetaKey.schemaVersion(), "1");
    Tso between = on.now();
    putTable(1, 12, "b");
    put(MetaKey.schemaVersion(), "2");
    on.tikv().deleteMeta(MetaKey.table(1, 11).encode(), on.now());
    assertThat(names(source.snapshotAt(between)).values()).containsExactly(List.of("11"));
    assertThat(source.snapshotAt(between).schemaVersion()).isEqualTo(1);
    assertThat(names(source.snapshotAt(on.now())).values()).containsExactly(List.of("12"));
  }

  @Test
  void snapshotAt_behindTheGcSafePoint_isTooOld() throws Exception {
    putDb(1, "one");
    Tso old = on.now();
    putTable(1, 11, "a");
    Tso safePoint = on.now();
    on.tikv().collectGarbage(safePoint);
    assertThatThrownBy(() -> source.snapshotAt(old))
        .isInstanceOf(SnapshotTooOldException.class)
        .hasMessageContaining(safePoint.toString());
    assertThat(names(source.snapshotAt(safePoint)).values()).containsExactly(List.of("11"));
  }

  @Test
  @DisplayName("ddl-meta fact 5: a missing history job is empty until it appears")
  void job_missing_isEmptyUntilItAppears() throws Exception {
    assertThat(source.job(100, on.now())).isEmpty();
    put(MetaKey.job(100), "{\"id\":100,\"type\":3,\"state\":6,\"binlog\":{\"SchemaVersion\":5}}");
    assertThat(source.job(100, on.now()).map(DdlJob::schemaVersion)).contains(5L);
  }

  @Test
  @DisplayName(
      "tikv-access fact 2: leader change, region split and store trouble do not end polling")
  void job_polledThroughTrouble_isFound() throws Exception {
    assertThat(source.job(100, on.now())).isEmpty();
    byte[] key = MetaKey.job(100).encode();
    on.tikv().splitAt(key);
    assertThat(source.job(100, on.now())).isEmpty();
    on.tikv().moveLeader(key, 2);
    assertThat(source.job(100, on.now())).isEmpty();
    on.pd().stop(0);
    on.pd().startAgain(0);
    put(MetaKey.job(100), "{\"id\":100,\"type\":3,\"state\":6,\"binlog\":{\"SchemaVersion\":5}}");
    assertThat(source.job(100, on.now())).isPresent();
  }

  @ParameterizedTest
  @EnumSource(RegionFault.class)
  void snapshotAt_regionErrorsInTheMiddle_areRetried(RegionFault fault) throws Exception {
    putDb(1, "one");
    for (int i = 1; i <= 7; i++) {
      putTable(1, i, "t" + i);
    }
    on.tikv().splitAt(MetaKey.table(1, 3).encode());
    on.tikv().splitAt(MetaKey.table(1, 5).encode());
    on.tikv().moveLeader(MetaKey.table(1, 3).encode(), 2);
    on.tikv().failNext(fault, 4);
    assertThat(names(source.snapshotAt(on.now())).values())
        .containsExactly(List.of("1", "2", "3", "4", "5", "6", "7"));
  }

  @Test
  @DisplayName("tikv-access fact 3: a lock on a meta key delays the read but does not fail it")
  void read_lockOfAStoppedTransaction_waitsForItsTtlThenReads() throws Exception {
    putDb(1, "one");
    putTable(1, 11, "a");
    byte[] key = MetaKey.table(1, 11).encode();
    Tso start = on.now();
    on.tikv()
        .lockKey(start, key, key, "{}".getBytes(StandardCharsets.UTF_8), Duration.ofMillis(1500));
    long began = System.nanoTime();
    assertThat(names(source.snapshotAt(on.now())).values()).containsExactly(List.of("11"));
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofSeconds(1));
  }

  @Test
  void read_secondaryLockOfACommittedTransaction_seesItsValue() throws Exception {
    putDb(1, "one");
    byte[] primary = MetaKey.schemaVersion().encode();
    byte[] key = MetaKey.table(1, 11).encode();
    Tso start = on.now();
    byte[] table = "{\"id\":11,\"name\":\"a\"}".getBytes(StandardCharsets.UTF_8);
    on.tikv().lockKey(start, key, primary, table, Duration.ofHours(1));
    on.tikv()
        .lockKey(
            start, primary, primary, "9".getBytes(StandardCharsets.UTF_8), Duration.ofHours(1));
    on.tikv().commitTransaction(start, on.now(), primary);
    SchemaDump dump = source.snapshotAt(on.now());
    assertThat(names(dump).values()).containsExactly(List.of("11"));
    assertThat(dump.schemaVersion()).isEqualTo(9);
  }

  @Test
  @DisplayName("tikv-access fact 8: no CheckTxnStatus without a lock in the way of a read")
  void read_withoutLocks_neverChecksTransactions() throws Exception {
    putDb(1, "one");
    putTable(1, 11, "a");
    source.snapshotAt(on.now());
    assertThat(historyIds()).isEmpty();
    assertThat(on.tikv().calls(TikvCall.CHECK_TXN_STATUS)).isZero();
    assertThat(on.tikv().calls(TikvCall.RESOLVE_LOCK)).isZero();
  }

  @Test
  void history_pageUnderWay_nextOneIsReadAhead() throws Exception {
    for (int id = 1; id <= 10; id++) {
      put(MetaKey.job(id), "{\"id\":" + id + ",\"type\":3,\"state\":6}");
    }
    Iterator<DdlJob> history = source.historyAt(on.now());
    history.next();
    await().until(() -> on.tikv().calls(TikvCall.SCAN) == 2);
    assertThat(history).toIterable().hasSize(9);
    assertThat(on.tikv().calls(TikvCall.SCAN)).isEqualTo(4);
  }

  @Test
  void history_pageThatWasReadAheadCannotBeRead_saysSoWhereItIsNeeded() throws Exception {
    for (int id = 1; id <= 4; id++) {
      put(MetaKey.job(id), "{\"id\":" + id + ",\"type\":3,\"state\":6}");
    }
    Tso old = on.now();
    Iterator<DdlJob> history = new TikvSchemaSource(on.client(), 1).historyAt(old);
    history.next();
    await().until(() -> on.tikv().calls(TikvCall.SCAN) == 2);
    on.tikv().collectGarbage(on.now());
    history.next();
    assertThatThrownBy(history::next).isInstanceOf(BehindSafePointException.class);
  }
}
