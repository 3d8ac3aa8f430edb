package org.tidbbinlog.drainer.translate;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.mutation.PrewriteValue;
import org.tidbbinlog.codec.mutation.TableMutation;
import org.tidbbinlog.drainer.filter.BinlogFilter;
import org.tidbbinlog.drainer.schema.JobLookup;
import org.tidbbinlog.drainer.schema.SchemaSnapshot;
import org.tidbbinlog.drainer.schema.SchemaTracker;
import org.tidbbinlog.drainer.schema.UnknownTables;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.drainer.source.PulledBinlog;

/**
 * Turns binlogs, in commit order, into what the sink is given. Owned by one thread, which settles
 * schema and names; the rows are decoded by {@link Translation#finish}.
 *
 * <p>Heartbeats and filtered transactions become progress, so that the checkpoint moves. Source:
 * drainer sections 6 to 9, mutations section 5.
 */
public final class Translator {
  private static final Logger LOG = LoggerFactory.getLogger(Translator.class);
  private static final long BETWEEN_HEARTBEATS_MS = 3000;

  private final SchemaTracker tracker;
  private final UnknownTables unknownTables;
  private final TableReaders readers;
  private final DdlTranslator ddl;
  private final TranslateSettings settings;
  private final LoopbackMarks marks;
  private final Clock clock;
  private long schemaVersion;
  private long lastPassedMs;

  /** The parts a translator works with. */
  public record Parts(
      SchemaTracker tracker, JobLookup jobs, UnknownTables unknownTables, BinlogFilter filter) {}

  public Translator(Parts parts, TranslateSettings settings, Clock clock) {
    this.tracker = parts.tracker();
    this.unknownTables = parts.unknownTables();
    this.readers = new TableReaders(tracker, parts.filter());
    this.ddl = new DdlTranslator(tracker, parts.jobs(), parts.filter(), settings);
    this.settings = settings;
    this.marks = new LoopbackMarks(settings.loopback());
    this.clock = clock;
    this.schemaVersion = tracker.current().version();
  }

  /**
   * Settles the next binlog; empty when it need not be passed on. Blocks while a DDL's job is not
   * in the history yet.
   */
  public Optional<Translation> translate(PulledBinlog pulled) throws InterruptedException {
    Optional<Translation> settled = pulled.payload().read(bytes -> settle(bytes, pulled));
    if (settled.isEmpty()) {
      pulled.drop();
    }
    return settled;
  }

  private Optional<Translation> settle(Payload bytes, PulledBinlog pulled)
      throws InterruptedException {
    if (settings.ignoredCommitTs().contains(pulled.commitTs())) {
      return ignored(bytes, pulled);
    }
    if (pulled.isFake()) {
      long sinceLast = pulled.commitTs().physicalMs() - lastPassedMs;
      return sinceLast > BETWEEN_HEARTBEATS_MS ? progress(pulled) : Optional.empty();
    }
    try {
      Binlog binlog = Binlog.decode(bytes.buffer());
      if (binlog.isDdl()) {
        return ddl(binlog, pulled);
      }
      return binlog.prewriteValue().isEmpty() ? progress(pulled) : rows(binlog, pulled);
    } catch (DecodeException e) {
      throw Garbage.in(pulled.commitTs(), e);
    }
  }

  /** The target gets nothing of it, but the schema of what comes after it is still right (I5). */
  private Optional<Translation> ignored(Payload bytes, PulledBinlog pulled)
      throws InterruptedException {
    LOG.atWarn().addKeyValue("commit ts", pulled.commitTs()).log("binlog ignored as configured");
    Optional<Binlog> readable = tryDecode(bytes);
    if (readable.isPresent() && readable.get().isDdl()) {
      ddl.follow(readable.get());
      schemaVersion = Math.max(schemaVersion, tracker.current().version());
    }
    return progress(pulled);
  }

  private static Optional<Binlog> tryDecode(Payload bytes) {
    try {
      return Optional.of(Binlog.decode(bytes.buffer()));
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }

  private Optional<Translation> progress(PulledBinlog pulled) {
    lastPassedMs = pulled.commitTs().physicalMs();
    pulled.drop();
    SinkItem.Progress item =
        new SinkItem.Progress(pulled.commitTs(), schemaVersion, translated(pulled));
    return Optional.of(() -> item);
  }

  private Optional<Translation> ddl(Binlog binlog, PulledBinlog pulled)
      throws InterruptedException {
    Optional<SinkItem.Ddl> output = ddl.translate(binlog, pulled.times());
    schemaVersion = Math.max(schemaVersion, tracker.current().version());
    if (output.isEmpty()) {
      return progress(pulled);
    }
    lastPassedMs = pulled.commitTs().physicalMs();
    translated(pulled);
    pulled.drop();
    SinkItem.Ddl item = atVersion(output.get());
    return Optional.of(() -> item);
  }

  /** A DDL may come after rows of its own version (old servers): versions still never go back. */
  private SinkItem.Ddl atVersion(SinkItem.Ddl item) {
    return new SinkItem.Ddl(
        item.commitTs(),
        schemaVersion,
        item.job(),
        item.query(),
        item.schema(),
        item.table(),
        item.execution(),
        item.obstacle(),
        item.times());
  }

  private Optional<Translation> rows(Binlog binlog, PulledBinlog pulled)
      throws InterruptedException {
    Payload value = binlog.prewriteValue();
    PrewriteValue mutations = PrewriteValue.over(value.buffer());
    long rowVersion = mutations.schemaVersion();
    SchemaSnapshot schema = tracker.advanceTo(rowVersion, pulled.commitTs());
    schemaVersion = Math.max(schemaVersion, Math.max(rowVersion, schema.version()));
    Map<Long, TableRows> tables = new HashMap<>();
    for (TableMutation mutation : mutations) {
      schema = settleTable(schema, mutation.tableId(), rowVersion, pulled.commitTs());
      long id = mutation.tableId();
      if (isSentBack(schema, mutation, rowVersion)) {
        return progress(pulled);
      }
      schema
          .table(id)
          .map(table -> readers.rowsOf(tracker.current(), table, rowVersion))
          .filter(table -> !table.kept().isEmpty())
          .ifPresent(table -> tables.put(id, table));
    }
    if (tables.isEmpty()) {
      return progress(pulled);
    }
    lastPassedMs = pulled.commitTs().physicalMs();
    return Optional.of(
        new SettledRows(
            pulled,
            binlog.startTs(),
            value,
            new SettledRows.Versions(rowVersion, schemaVersion),
            tables,
            settings.eagerBytes(),
            clock));
  }

  /** Whether the transaction was written by a Drainer of our channel. */
  private boolean isSentBack(SchemaSnapshot schema, TableMutation mutation, long rowVersion) {
    return schema
        .table(mutation.tableId())
        .filter(table -> marks.isMarkTable(schema, table))
        .map(table -> readers.rowsOf(tracker.current(), table, rowVersion))
        .filter(rows -> marks.areOurs(mutation, rows))
        .isPresent();
  }

  /** The snapshot that knows the table, or that its rows are to be dropped. */
  private SchemaSnapshot settleTable(
      SchemaSnapshot schema, long tableId, long rowVersion, Tso commitTs)
      throws InterruptedException {
    boolean settled = schema.table(tableId).isPresent() || schema.isWithoutRows(tableId);
    return settled ? schema : unknownTables.settle(tracker, tableId, rowVersion, commitTs);
  }

  private StageTimes translated(PulledBinlog pulled) {
    pulled.times().mark(StageTimes.Stage.TRANSLATED, clock.nanoTime());
    return pulled.times();
  }
}
