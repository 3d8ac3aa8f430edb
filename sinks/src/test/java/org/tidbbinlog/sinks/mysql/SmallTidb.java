package org.tidbbinlog.sinks.mysql;

import com.fasterxml.jackson.databind.node.NullNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.schema.SchemaSource;
import org.tidbbinlog.cluster.schema.SnapshotTooOldException;
import org.tidbbinlog.cluster.time.TimeSource;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.ddl.JobState;
import org.tidbbinlog.codec.mutation.PrewriteValueBuilder;
import org.tidbbinlog.codec.row.NewCollations;
import org.tidbbinlog.codec.row.RowEncoder;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.DbInfo;
import org.tidbbinlog.codec.schema.FieldType;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.drainer.filter.BinlogFilter;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.schema.JobLookup;
import org.tidbbinlog.drainer.schema.SchemaStart;
import org.tidbbinlog.drainer.schema.UnknownActions;
import org.tidbbinlog.drainer.schema.UnknownTables;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.drainer.source.PulledBinlog;
import org.tidbbinlog.drainer.translate.TranslateSettings;
import org.tidbbinlog.drainer.translate.Translation;
import org.tidbbinlog.drainer.translate.Translator;
import org.tidbbinlog.testkit.schema.ColumnDraft;
import org.tidbbinlog.testkit.schema.TableDraft;

/**
 * An upstream with databases, tables of numbers and texts, and a history of DDL: what happens there
 * becomes binlogs, which go through a Drainer's translator. One thread.
 */
final class SmallTidb implements SchemaSource {
  private static final int BIGINT = 8;
  private static final int VARCHAR = 15;
  private static final int NOT_NULL = 1;
  private static final int PRIMARY = 2;
  private static final long SECOND = 1000L << Tso.LOGICAL_BITS;

  private final Map<Long, DdlJob> jobs = new TreeMap<>();
  private final Map<String, Long> databases = new TreeMap<>();
  private final Map<String, TableInfo> tables = new TreeMap<>();
  private final List<SinkItem> output = new ArrayList<>();
  private final Translator translator;
  private long ids = 100;
  private long version;
  private long ts;

  SmallTidb(FilterSettings filter, TranslateSettings settings) throws InterruptedException {
    AtomicLong ticks = new AtomicLong(1);
    TimeSource time = () -> new Tso(ticks.incrementAndGet());
    this.ts = 1000 * SECOND;
    this.translator =
        new Translator(
            new Translator.Parts(
                new SchemaStart(this, UnknownActions.HOLD)
                    .at(Tso.ZERO, 0, Tso.MAX, SchemaStart.Way.SNAPSHOT_ELSE_HISTORY),
                new JobLookup(this, time, Clock.system()),
                new UnknownTables(this, time, Clock.system()),
                new BinlogFilter(filter)),
            settings,
            Clock.system());
  }

  SmallTidb(FilterSettings filter) throws InterruptedException {
    this(filter, TranslateSettings.DEFAULT);
  }

  /** What a sink is given for all that happened since the last call. */
  SinkItem[] items() {
    SinkItem[] all = output.toArray(new SinkItem[0]);
    output.clear();
    return all;
  }

  SmallTidb database(String name) throws InterruptedException {
    databases.put(name, ++ids);
    DbInfo info = new DbInfo(ids, CiName.of(name), "utf8mb4", "utf8mb4_bin", SchemaState.PUBLIC);
    return job(DdlAction.CREATE_SCHEMA, ids, 0, "create database `" + name + "`", info, null);
  }

  SmallTidb dropDatabase(String name) throws InterruptedException {
    long id = databases.getOrDefault(name, 0L);
    databases.remove(name);
    tables.keySet().removeIf(table -> table.startsWith(name + "."));
    return job(DdlAction.DROP_SCHEMA, id, 0, "drop database `" + name + "`", null, null);
  }

  /**
   * @param columns of which the first is the primary key; {@code "name text"} holds texts
   */
  SmallTidb table(String schema, String table, String sql, String... columns)
      throws InterruptedException {
    return put(DdlAction.CREATE_TABLE, schema, info(++ids, table, columns), sql);
  }

  /** Tables of one job, each with a primary key {@code id} and a text {@code v}. */
  SmallTidb tables(String schema, String sql, String... names) throws InterruptedException {
    List<TableInfo> made = new ArrayList<>();
    for (String name : names) {
      made.add(info(++ids, name, "id", "v text"));
      tables.put(schema + "." + name, made.get(made.size() - 1));
    }
    return job(
        DdlAction.CREATE_TABLES, databaseId(schema), made.get(0).id(), sql, null, null, made);
  }

  /** The table has these columns from now on. */
  SmallTidb alter(String schema, String table, String sql, String... columns)
      throws InterruptedException {
    return put(DdlAction.ADD_COLUMN, schema, info(of(schema, table).id(), table, columns), sql);
  }

  SmallTidb truncate(String schema, String table, String sql) throws InterruptedException {
    TableInfo old = of(schema, table);
    TableInfo info = old.withIdentity(++ids, old.name());
    tables.put(schema + "." + table, info);
    return job(DdlAction.TRUNCATE_TABLE, databaseId(schema), old.id(), sql, null, info);
  }

  SmallTidb drop(String schema, String table, String sql) throws InterruptedException {
    TableInfo info = of(schema, table);
    tables.remove(schema + "." + table);
    return job(DdlAction.DROP_TABLE, databaseId(schema), info.id(), sql, null, info);
  }

  SmallTidb rename(String schema, String table, String newSchema, String newTable, String sql)
      throws InterruptedException {
    TableInfo old = of(schema, table);
    tables.remove(schema + "." + table);
    return put(
        DdlAction.RENAME_TABLE, newSchema, old.withIdentity(old.id(), CiName.of(newTable)), sql);
  }

  /** A job of a kind that nobody here has heard of, about a table, which it names by its id. */
  SmallTidb unheardOf(String schema, String table, String sql) throws InterruptedException {
    return job(DdlAction.UNKNOWN, databaseId(schema), of(schema, table).id(), sql, null, null);
  }

  /** The same, about nothing that it names. */
  SmallTidb unheardOf(String sql) throws InterruptedException {
    return job(DdlAction.UNKNOWN, 0, 0, sql, null, null);
  }

  private SmallTidb put(DdlAction action, String schema, TableInfo info, String sql)
      throws InterruptedException {
    tables.put(schema + "." + info.name().original(), info);
    return job(action, databaseId(schema), info.id(), sql, null, info);
  }

  private SmallTidb job(
      DdlAction action,
      long schemaId,
      long tableId,
      String sql,
      @org.jspecify.annotations.Nullable DbInfo db,
      @org.jspecify.annotations.Nullable TableInfo table)
      throws InterruptedException {
    return job(action, schemaId, tableId, sql, db, table, List.of());
  }

  private SmallTidb job(
      DdlAction action,
      long schemaId,
      long tableId,
      String sql,
      @org.jspecify.annotations.Nullable DbInfo db,
      @org.jspecify.annotations.Nullable TableInfo table,
      List<TableInfo> several)
      throws InterruptedException {
    DdlJob job =
        new DdlJob(
            ++ids,
            action,
            action.number(),
            schemaId,
            tableId,
            "",
            "",
            JobState.SYNCED,
            SchemaState.PUBLIC,
            NullNode.getInstance(),
            sql,
            ++version,
            db,
            table,
            several,
            0);
    jobs.put(job.id(), job);
    ts += SECOND;
    Binlog prewrite =
        Binlog.prewriteDdl(
            new Tso(ts), Payload.EMPTY, Payload.ofUtf8(sql), job.id(), SchemaState.PUBLIC.number());
    return translate(prewrite);
  }

  /** A transaction of rows; {@link Rows#commit} ends it. */
  Rows rows() {
    return new Rows();
  }

  final class Rows {
    private final PrewriteValueBuilder value = new PrewriteValueBuilder(version);

    Rows insert(String schema, String table, Object... values) {
      TableInfo info = of(schema, table);
      value.insert(info.id(), encoder(info).insert(values(values), rowId(values)));
      return this;
    }

    Rows update(String schema, String table, List<?> before, List<?> after) {
      TableInfo info = of(schema, table);
      value.update(
          info.id(),
          encoder(info)
              .update(values(before.toArray()), values(after.toArray()), rowId(before.toArray())));
      return this;
    }

    Rows delete(String schema, String table, Object... values) {
      TableInfo info = of(schema, table);
      value.delete(info.id(), encoder(info).delete(values(values), rowId(values)));
      return this;
    }

    SmallTidb commit() throws InterruptedException {
      ts += SECOND;
      return translate(Binlog.prewrite(new Tso(ts), Payload.EMPTY, Payload.of(value.toBytes())));
    }

    private long rowId(Object... values) {
      return Arrays.deepHashCode(values);
    }
  }

  private static RowEncoder encoder(TableInfo info) {
    return new RowEncoder(info, NewCollations.OFF);
  }

  private static List<ColumnValue> values(Object... values) {
    return Arrays.stream(values).map(Upstream::value).toList();
  }

  private SmallTidb translate(Binlog prewrite) throws InterruptedException {
    Tso commitTs = new Tso(ts + 1);
    Binlog binlog = prewrite.withCommit(Binlog.commitOf(prewrite, commitTs));
    translator
        .translate(
            new PulledBinlog(
                "p", prewrite.startTs(), commitTs, Payload.of(binlog.encode()), new StageTimes()))
        .map(Translation::finish)
        .ifPresent(output::add);
    return this;
  }

  private TableInfo of(String schema, String table) {
    TableInfo info = tables.get(schema + "." + table);
    if (info == null) {
      throw new IllegalArgumentException("no table " + schema + "." + table);
    }
    return info;
  }

  private long databaseId(String schema) {
    return databases.getOrDefault(schema, 0L);
  }

  private static TableInfo info(long id, String table, String... columns) {
    List<ColumnInfo> infos = new ArrayList<>();
    for (String column : columns) {
      infos.add(column(infos.size(), column));
    }
    return TableDraft.plain(id, table, infos).pkIsHandle(true).done();
  }

  private static ColumnInfo column(int offset, String spec) {
    boolean text = spec.endsWith(" text");
    String name = text ? spec.replace(" text", "") : spec;
    FieldType type =
        new FieldType(
            text ? VARCHAR : BIGINT,
            offset == 0 ? NOT_NULL | PRIMARY : 0,
            text ? 64 : 20,
            0,
            text ? "utf8mb4" : "binary",
            text ? "utf8mb4_bin" : "binary",
            List.of(),
            false);
    return ColumnDraft.plain(offset + 1, name, type).at(offset).done();
  }

  @Override
  public SchemaDump snapshotAt(Tso at) {
    throw new SnapshotTooOldException(at, Tso.MAX);
  }

  @Override
  public Iterator<DdlJob> historyAt(Tso at) {
    return List.copyOf(jobs.values()).iterator();
  }

  @Override
  public Optional<DdlJob> job(long jobId, Tso at) {
    return Optional.ofNullable(jobs.get(jobId));
  }
}
