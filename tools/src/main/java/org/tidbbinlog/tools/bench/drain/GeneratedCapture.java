package org.tidbbinlog.tools.bench.drain;

import com.fasterxml.jackson.databind.node.NullNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.ddl.DdlJobJson;
import org.tidbbinlog.codec.ddl.JobState;
import org.tidbbinlog.codec.key.MetaKey;
import org.tidbbinlog.codec.key.RecordKey;
import org.tidbbinlog.codec.mutation.PrewriteValueBuilder;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.DbInfo;
import org.tidbbinlog.codec.schema.DbInfoJson;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.schema.TableInfoJson;
import org.tidbbinlog.testkit.capture.CaptureWriter;
import org.tidbbinlog.testkit.capture.MetaPair;

/**
 * A capture of a cluster that never was: jobs and transactions in one thread of time, and the
 * checksums that come of them.
 */
final class GeneratedCapture {
  static final String DATABASE = "bench";
  private static final long CLUSTER_ID = 7_000_000_000_000_000_003L;
  private static final long JOB_TABLE_ID = 0xffff_ffff_fffeL;
  private static final long FIRST_ID = 100;

  private final Path folder;
  private final CaptureWriter writer;
  private final List<MetaPair> meta = new ArrayList<>();
  private final List<GeneratedTable> tables = new ArrayList<>();
  private final DbInfo database;
  private long version = 1;
  private long lastId = FIRST_ID;
  private Tso now;

  private GeneratedCapture(Path folder) {
    this.folder = folder;
    this.writer = CaptureWriter.create(folder, CLUSTER_ID);
    // Two hours ago: whatever is made up ends in the past.
    this.now = Tso.of(Instant.now().minusSeconds(7200).toEpochMilli(), 0);
    this.database =
        new DbInfo(++lastId, CiName.of(DATABASE), "utf8mb4", "utf8mb4_bin", SchemaState.PUBLIC);
    put(MetaKey.bootstrapVersion(), "146");
    put(MetaKey.database(database.id()), DbInfoJson.write(database));
  }

  /** With one database, made by the first job. */
  static GeneratedCapture create(Path folder) {
    return new GeneratedCapture(folder);
  }

  private Tso tick() {
    now = Tso.of(now.physicalMs() + 1, 0);
    return now;
  }

  /** The job that made the database; once, before the first table. */
  void createDatabase() {
    ddl(DdlAction.CREATE_SCHEMA, "CREATE DATABASE `" + DATABASE + "`", database, null);
  }

  /** A table, made by a DDL that is part of the stream. */
  GeneratedTable createTable(String name, GeneratedTable.Shape shape) {
    GeneratedTable table = new GeneratedTable(++lastId, DATABASE, name, shape);
    put(table.info());
    ddl(DdlAction.CREATE_TABLE, table.createSql(), null, table.info());
    tables.add(table);
    return table;
  }

  /** A table that was made before the stream begins. */
  GeneratedTable pastTable(String name, GeneratedTable.Shape shape) {
    GeneratedTable table = new GeneratedTable(++lastId, DATABASE, name, shape);
    put(table.info());
    job(DdlAction.CREATE_TABLE, table.createSql(), null, table.info(), tick());
    return table;
  }

  /** A job before the stream begins that left its table as it is now. */
  void pastChange(GeneratedTable table) {
    job(DdlAction.ADD_INDEX, "ALTER TABLE t ADD INDEX k (k)", null, table.info(), tick());
  }

  private void put(TableInfo info) {
    put(MetaKey.table(database.id(), info.id()), TableInfoJson.write(info));
  }

  private void put(MetaKey key, String value) {
    put(key, value.getBytes(StandardCharsets.US_ASCII));
  }

  private void put(MetaKey key, byte[] value) {
    meta.add(new MetaPair(key.encode(), value));
  }

  private void ddl(DdlAction action, String sql, @Nullable DbInfo made, @Nullable TableInfo table) {
    Tso startTs = tick();
    long jobId = job(action, sql, made, table, startTs);
    byte[] key = RecordKey.ofInt(JOB_TABLE_ID, jobId).encode();
    append(
        Binlog.prewriteDdl(
            startTs, Payload.of(key), Payload.ofUtf8(sql), jobId, SchemaState.PUBLIC.number()));
  }

  private long job(
      DdlAction action,
      String sql,
      @Nullable DbInfo made,
      @Nullable TableInfo table,
      Tso finishedTs) {
    long id = ++lastId;
    version++;
    DdlJob job =
        new DdlJob(
            id,
            action,
            action.number(),
            database.id(),
            table == null ? 0 : table.id(),
            DATABASE,
            table == null ? "" : table.name().original(),
            JobState.SYNCED,
            SchemaState.PUBLIC,
            NullNode.getInstance(),
            sql,
            version,
            made,
            table,
            List.of(),
            finishedTs.value());
    put(MetaKey.job(id), DdlJobJson.write(job));
    return id;
  }

  /** For the rows of the next transaction. */
  PrewriteValueBuilder rows() {
    return new PrewriteValueBuilder(version);
  }

  /**
   * @param key of one of its rows
   */
  void commit(PrewriteValueBuilder rows, byte[] key) {
    append(Binlog.prewrite(tick(), Payload.of(key), Payload.of(rows.toBytes())));
  }

  private void append(Binlog prewrite) {
    writer.append(prewrite.withCommit(Binlog.commitOf(prewrite, tick())).encode());
  }

  /** Writes the meta space and the truth. */
  void finish() {
    put(MetaKey.schemaVersion(), Long.toString(version));
    put(MetaKey.nextGlobalId(), Long.toString(lastId));
    writer.close();
    writer.writeMeta(meta);
    try {
      Files.write(
          folder.resolve("final-checksums.tsv"),
          tables.stream().map(GeneratedTable::checksumLine).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
