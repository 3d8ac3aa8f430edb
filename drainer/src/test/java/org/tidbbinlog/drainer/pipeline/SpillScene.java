package org.tidbbinlog.drainer.pipeline;

import static org.tidbbinlog.codec.ddl.DdlAction.CREATE_SCHEMA;
import static org.tidbbinlog.codec.ddl.DdlAction.CREATE_TABLE;
import static org.tidbbinlog.drainer.Schemas.db;
import static org.tidbbinlog.drainer.Schemas.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.bytes.ByteWriter;
import org.tidbbinlog.codec.mutation.PrewriteValueBuilder;
import org.tidbbinlog.drainer.FakePump;
import org.tidbbinlog.drainer.FakeRegistry;
import org.tidbbinlog.drainer.Schemas;
import org.tidbbinlog.drainer.checkpoint.FirstStart;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.filter.Loopback;
import org.tidbbinlog.drainer.schema.SchemaStart;
import org.tidbbinlog.drainer.schema.UnknownActions;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.Target;
import org.tidbbinlog.drainer.source.PulledBinlog;
import org.tidbbinlog.drainer.source.SourceSettings;
import org.tidbbinlog.drainer.source.SpillFolder;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.Tls;

/**
 * A pipeline that pulls large transactions over real sockets. Everything that was pulled is kept
 * here, so that no garbage collection gives its space back.
 */
final class SpillScene implements AutoCloseable {
  static final int ROWS = 20;
  static final int IGNORED = 12;
  private static final int ROW_BYTES = 100_000;
  private static final long CLUSTER = 42;
  private static final long SECOND = 1000L << Tso.LOGICAL_BITS;
  private static final Tso START = new Tso(1000 * SECOND);

  final List<PulledBinlog> pulled = new CopyOnWriteArrayList<>();
  final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final List<FakePump> pumps = new ArrayList<>();
  private final FakeRegistry registry = new FakeRegistry();
  private final Schemas schemas = new Schemas();
  private final Path folder;
  private long now = START.value();

  SpillScene(Path folder) {
    this.folder = folder;
    schemas.job(CREATE_SCHEMA, 10, 0).db(db(10, "d")).query("create database d").done();
    schemas.job(CREATE_TABLE, 10, 11).table(table(11, "t", "a")).query("create t").done();
    schemas.job(CREATE_TABLE, 10, IGNORED).table(table(IGNORED, "i", "a")).query("i").done();
    schemas.snapshot(db(10, "d"), table(11, "t", "a"), table(IGNORED, "i", "a"));
  }

  FakePump pump(String nodeId) {
    FakePump pump = FakePump.start(nodeId, CLUSTER);
    pumps.add(pump);
    registry.put(pump.status(NodeState.ONLINE));
    return pump;
  }

  /** Rows of table {@code t}, or of another, 2 MB in all. */
  Binlog large(long tableId) {
    PrewriteValueBuilder value = new PrewriteValueBuilder(schemas.version());
    for (int i = 0; i < ROWS; i++) {
      ByteWriter row = new ByteWriter(ROW_BYTES + 64);
      row.u8(8).varint(i).u8(8).varint(1).u8(8).varint(i);
      row.u8(8).varint(99).u8(2).varint(ROW_BYTES).bytes(new byte[ROW_BYTES]);
      value.insert(tableId, row.toBytes());
    }
    return dml(value.toBytes());
  }

  /** As large, but nobody can read it. */
  Binlog garbage() {
    byte[] value = new byte[ROWS * ROW_BYTES];
    value[0] = 0x12;
    value[1] = 0x7f;
    return dml(value);
  }

  private Binlog dml(byte[] value) {
    now += SECOND;
    Binlog prewrite = Binlog.prewrite(new Tso(now), Payload.EMPTY, Payload.of(value));
    return prewrite.withCommit(Binlog.commitOf(prewrite, new Tso(now + 1)));
  }

  long nextTs() {
    now += SECOND;
    return now;
  }

  Pipeline start(Target target, Tso... ignored) throws InterruptedException {
    AtomicLong ticks = new AtomicLong(START.value());
    FilterSettings filter =
        new FilterSettings(
            List.of(),
            List.of(),
            FilterSettings.DEFAULT_IGNORED,
            List.of(new FilterSettings.TableName("d", "i")),
            List.of(),
            Map.of(),
            FilterSettings.NameCase.IGNORED);
    return Pipeline.start(
        new Pipeline.Upstream(
            registry,
            schemas,
            () -> new Tso(ticks.incrementAndGet()),
            host -> Channels.open(host, Tls.plaintext())),
        target,
        new Pipeline.Plan(
            FirstStart.at(START),
            Duration.ofSeconds(1),
            SourceSettings.of(
                CLUSTER, SourceSettings.Compression.NONE, new SpillFolder(folder, 1 << 20)),
            SchemaStart.Way.SNAPSHOT_ELSE_HISTORY,
            UnknownActions.STOP,
            filter,
            Set.of(ignored),
            SinkItem.Execution.EXECUTE,
            Loopback.OFF,
            64),
        new Events(),
        Clock.system());
  }

  private final class Events implements PipelineEvents {
    @Override
    public void onReceived(PulledBinlog binlog) {
      pulled.add(binlog);
    }

    @Override
    public void onAcknowledged(SinkItem item) {}

    @Override
    public void onFailure(Throwable cause) {
      failures.add(cause);
    }
  }

  /** Large binlogs that were pulled. */
  long pulledLarge() {
    return pulled.stream().filter(binlog -> binlog.sizeBytes() > 1 << 20).count();
  }

  /** Files of the folder, which have no name any more, that this process has mapped. */
  long mapped() {
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      return maps.filter(line -> line.contains(folder.toString())).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Optional<Throwable> failure() {
    return failures.stream().findFirst();
  }

  @Override
  public void close() {
    pumps.forEach(FakePump::close);
  }
}
