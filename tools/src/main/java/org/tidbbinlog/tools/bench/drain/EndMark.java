package org.tidbbinlog.tools.bench.drain;

import com.fasterxml.jackson.databind.node.NullNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.ddl.DdlJobJson;
import org.tidbbinlog.codec.ddl.JobState;
import org.tidbbinlog.codec.key.MetaKey;
import org.tidbbinlog.codec.key.RecordKey;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.DbInfo;
import org.tidbbinlog.codec.schema.DbInfoJson;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.testkit.capture.MetaPair;

/**
 * The last binlog of every load: a CREATE DATABASE. No Drainer may run a DDL before everything
 * ahead of it is in the target, so when the database is there, so is the last row.
 *
 * @param meta what the DDL leaves in TiKV
 */
record EndMark(Binlog prewrite, Tso commitTs, List<MetaPair> meta) {
  static final String DATABASE = "tidb_binlog_bench_end";
  private static final long JOB_TABLE_ID = 0xffff_ffff_fffeL;
  private static final long SECOND = 1000L << Tso.LOGICAL_BITS;

  EndMark {
    meta = List.copyOf(meta);
  }

  /**
   * @param before the meta space as it is without the mark
   */
  static EndMark after(List<MetaPair> before, Tso lastCommitTs) {
    long version = 0;
    long id = 0;
    byte[] history = MetaKey.jobHistory().encode();
    for (MetaPair pair : before) {
      if (startsWith(pair.key(), history)) {
        DdlJob job = DdlJobJson.parse(pair.value());
        version = Math.max(version, job.schemaVersion());
        id = Math.max(id, Math.max(job.id(), Math.max(job.tableId(), job.schemaId())));
      }
    }
    return of(id + 1, version + 1, lastCommitTs);
  }

  /** When the mark behind this transaction is committed. */
  static Tso commitTsAfter(Tso lastCommitTs) {
    return new Tso(lastCommitTs.value() + 2 * SECOND);
  }

  private static EndMark of(long jobId, long version, Tso lastCommitTs) {
    Tso startTs = new Tso(lastCommitTs.value() + SECOND);
    Tso commitTs = commitTsAfter(lastCommitTs);
    long databaseId = jobId + 1;
    String sql = "CREATE DATABASE `" + DATABASE + "`";
    DbInfo info =
        new DbInfo(databaseId, CiName.of(DATABASE), "utf8mb4", "utf8mb4_bin", SchemaState.PUBLIC);
    DdlJob job =
        new DdlJob(
            jobId,
            DdlAction.CREATE_SCHEMA,
            DdlAction.CREATE_SCHEMA.number(),
            databaseId,
            0,
            DATABASE,
            "",
            JobState.SYNCED,
            SchemaState.PUBLIC,
            NullNode.getInstance(),
            sql,
            version,
            info,
            null,
            List.of(),
            startTs.value());
    Payload key = Payload.of(RecordKey.ofInt(JOB_TABLE_ID, jobId).encode());
    return new EndMark(
        Binlog.prewriteDdl(startTs, key, Payload.ofUtf8(sql), jobId, SchemaState.PUBLIC.number()),
        commitTs,
        List.of(
            new MetaPair(MetaKey.job(jobId).encode(), DdlJobJson.write(job)),
            new MetaPair(MetaKey.database(databaseId).encode(), DbInfoJson.write(info)),
            new MetaPair(
                MetaKey.schemaVersion().encode(),
                Long.toString(version).getBytes(StandardCharsets.US_ASCII))));
  }

  private static boolean startsWith(byte[] key, byte[] prefix) {
    return key.length > prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }
}
