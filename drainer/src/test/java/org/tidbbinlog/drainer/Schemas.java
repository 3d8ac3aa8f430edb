package org.tidbbinlog.drainer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.schema.SchemaSource;
import org.tidbbinlog.cluster.schema.SnapshotTooOldException;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.ddl.JobState;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.DbInfo;
import org.tidbbinlog.codec.schema.PartitionInfo;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.testkit.schema.ColumnDraft;
import org.tidbbinlog.testkit.schema.TableDraft;

/** Small tables and jobs for tests, and a history to serve them from. */
public final class Schemas implements SchemaSource {
  private final Map<Long, DdlJob> jobs = new TreeMap<>();
  private Optional<SchemaDump> snapshot = Optional.empty();
  private long nextJob = 100;
  private long version;

  /** A database of that id and name. */
  public static DbInfo db(long id, String name) {
    return new DbInfo(id, CiName.of(name), "utf8mb4", "utf8mb4_bin", SchemaState.PUBLIC);
  }

  /** A table of INT columns with ids 1, 2, … and no primary key. */
  public static TableInfo table(long id, String name, String... columns) {
    return table(id, name, PartitionInfo.NONE, columns);
  }

  public static TableInfo table(long id, String name, PartitionInfo partition, String... columns) {
    return TableDraft.plain(id, name, ColumnDraft.INT, List.of(columns))
        .partition(partition)
        .done();
  }

  /** A partitioned table's definitions. */
  public static PartitionInfo partitions(long... ids) {
    List<PartitionInfo.Definition> definitions = new ArrayList<>();
    for (long id : ids) {
      definitions.add(new PartitionInfo.Definition(id, CiName.of("p" + definitions.size())));
    }
    return new PartitionInfo(true, 1, "`a`", definitions, 0);
  }

  /** Begins a job that makes the next schema version. */
  public JobMaker job(DdlAction action, long schemaId, long tableId) {
    return new JobMaker(action, schemaId, tableId);
  }

  public long version() {
    return version;
  }

  /** One job being made; {@link #done} puts it into the history. */
  public final class JobMaker {
    private final DdlAction action;
    private final long schemaId;
    private final long tableId;
    private String query = "";
    private JobState state = JobState.SYNCED;
    private JsonNode args = NullNode.getInstance();
    private Optional<DbInfo> db = Optional.empty();
    private Optional<TableInfo> table = Optional.empty();
    private List<TableInfo> tables = List.of();
    private Tso finishedTs = Tso.ZERO;

    private JobMaker(DdlAction action, long schemaId, long tableId) {
      this.action = action;
      this.schemaId = schemaId;
      this.tableId = tableId;
    }

    public JobMaker query(String text) {
      query = text;
      return this;
    }

    public JobMaker state(JobState other) {
      state = other;
      return this;
    }

    public JobMaker args(JsonNode rawArgs) {
      args = rawArgs;
      return this;
    }

    public JobMaker db(DbInfo info) {
      db = Optional.of(info);
      return this;
    }

    public JobMaker table(TableInfo info) {
      table = Optional.of(info);
      return this;
    }

    public JobMaker tables(TableInfo... infos) {
      tables = List.of(infos);
      return this;
    }

    /** Start of the transaction that ends it. */
    public JobMaker finishedAt(Tso startTs) {
      finishedTs = startTs;
      return this;
    }

    public DdlJob done() {
      return done(++version);
    }

    public DdlJob done(long schemaVersion) {
      DdlJob job =
          new DdlJob(
              nextJob++,
              action,
              action.number(),
              schemaId,
              tableId,
              "",
              "",
              state,
              SchemaState.PUBLIC,
              args,
              query,
              schemaVersion,
              db.orElse(null),
              table.orElse(null),
              tables,
              finishedTs.value());
      jobs.put(job.id(), job);
      return job;
    }
  }

  public static JsonNode array(long... numbers) {
    var array = JsonNodeFactory.instance.arrayNode();
    for (long number : numbers) {
      array.add(number);
    }
    return array;
  }

  /** From now on every snapshot read is this one, at the version reached. */
  public void snapshot(DbInfo db, TableInfo... tables) {
    snapshot =
        Optional.of(
            new SchemaDump(new Tso(1), version, List.of(new DatabaseDump(db, List.of(tables)))));
  }

  @Override
  public SchemaDump snapshotAt(Tso ts) {
    return snapshot.orElseThrow(() -> new SnapshotTooOldException(ts, Tso.MAX));
  }

  @Override
  public Iterator<DdlJob> historyAt(Tso ts) {
    return List.copyOf(jobs.values()).iterator();
  }

  @Override
  public Optional<DdlJob> job(long jobId, Tso ts) {
    return Optional.ofNullable(jobs.get(jobId));
  }
}
