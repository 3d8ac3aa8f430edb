package org.tidbbinlog.testkit.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
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
import org.tidbbinlog.codec.schema.DbInfo;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;

/** What a DDL job will say, gathered while the model changes. Source: ddl-meta sections 1, 2, 6. */
final class JobDraft {
  /**
   * The system table that keeps running jobs: the primary key of a job's transaction lies there.
   */
  private static final long JOB_TABLE_ID = 0xffff_ffff_fffeL;

  private final SchemaModel schema;
  private final DdlAction action;
  private final long jobId;
  private final String sql;
  private final List<MetaWrite> writes = new ArrayList<>();
  private SchemaState endState = SchemaState.PUBLIC;
  private long version;
  private long schemaId;
  private String schemaName = "";
  private long tableId;
  private String tableName = "";
  private @Nullable DbInfo dbInfo;
  private @Nullable TableInfo tableInfo;
  private List<TableInfo> multipleTables = List.of();
  private JsonNode args = NullNode.getInstance();

  JobDraft(SchemaModel schema, DdlAction action, String sql) {
    this.schema = schema;
    this.action = action;
    this.jobId = schema.nextId();
    this.sql = sql;
  }

  JobDraft of(ModelDatabase database) {
    schemaId = database.id();
    schemaName = database.name();
    return this;
  }

  /** The job's table before the job; its structure afterwards is what the history keeps. */
  JobDraft of(ModelTable table) {
    of(table.database());
    tableId = table.info().id();
    tableName = table.name();
    return this;
  }

  JobDraft of(ModelDatabase database, TableInfo view) {
    of(database);
    tableId = view.id();
    tableName = view.name().original();
    return this;
  }

  JobDraft db(DbInfo info) {
    dbInfo = info;
    return this;
  }

  JobDraft table(TableInfo info) {
    tableInfo = info;
    return this;
  }

  JobDraft tables(List<TableInfo> infos) {
    multipleTables = List.copyOf(infos);
    return this;
  }

  JobDraft args(JsonNode positional) {
    args = positional;
    return this;
  }

  /** The version its last change made, when others came since. */
  JobDraft madeVersion(long made) {
    version = made;
    return this;
  }

  /** For drops and what else ends with nothing. */
  JobDraft endingAs(SchemaState state) {
    endState = state;
    return this;
  }

  JobDraft write(MetaWrite write) {
    writes.add(write);
    return this;
  }

  /** The step that ends the job, at the model's current version. */
  WorkloadStep.Ddl done(Tso startTs) {
    DdlJob job = job(JobState.SYNCED, endState, startTs);
    MetaWrite history = MetaWrite.put(MetaKey.job(jobId), DdlJobJson.write(job));
    return new WorkloadStep.Ddl(binlog(startTs, endState), job, allWrites(), List.of(history));
  }

  /** The step of a column's drop that makes it delete-only. */
  WorkloadStep.Ddl deleteOnly(Tso startTs, List<MetaWrite> stepWrites) {
    DdlJob job = job(JobState.RUNNING, SchemaState.DELETE_ONLY, startTs);
    List<MetaWrite> all = new ArrayList<>(stepWrites);
    all.addAll(schema.counters(action.number(), schemaId, tableId));
    return new WorkloadStep.Ddl(binlog(startTs, SchemaState.DELETE_ONLY), job, all, List.of());
  }

  /** A DDL binlog that no job stands behind. */
  WorkloadStep.Ddl ofNoJob(Tso startTs) {
    DdlJob none = job(JobState.NONE, SchemaState.NONE, startTs);
    return new WorkloadStep.Ddl(binlog(startTs, SchemaState.NONE), none, List.of(), List.of());
  }

  private List<MetaWrite> allWrites() {
    List<MetaWrite> all = new ArrayList<>(writes);
    all.addAll(schema.counters(action.number(), schemaId, tableId));
    return all;
  }

  private Binlog binlog(Tso startTs, SchemaState state) {
    byte[] key = RecordKey.ofInt(JOB_TABLE_ID, jobId).encode();
    return Binlog.prewriteDdl(startTs, Payload.of(key), Payload.ofUtf8(sql), jobId, state.number());
  }

  private DdlJob job(JobState state, SchemaState schemaState, Tso startTs) {
    return new DdlJob(
        jobId,
        action,
        action.number(),
        schemaId,
        tableId,
        schemaName,
        tableName,
        state,
        schemaState,
        args,
        sql,
        version == 0 ? schema.version() : version,
        dbInfo,
        tableInfo,
        multipleTables,
        startTs.value());
  }
}
