package org.tidbbinlog.tools.bench.drain;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.codec.key.MetaKey;
import org.tidbbinlog.codec.mutation.PrewriteValueBuilder;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.DbInfo;
import org.tidbbinlog.codec.schema.DbInfoJson;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfoJson;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.pumpclient.PumpClient;
import org.tidbbinlog.pumpclient.PumpClientSettings;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.tools.bench.LocalPump;

/**
 * One row at a time: from the Pump's answer to the Commit to the row being seen by another session
 * of the target, which asks again and again. One thread; a load beside it has its own.
 */
final class LatencyRun implements AutoCloseable {
  private static final String PROBED = "probe";
  private static final String LOADED = "load";
  private static final String DATABASE = GeneratedCapture.DATABASE;
  private static final long DATABASE_ID = 101;
  private static final long VERSION = 40;
  private static final int WARM_UP = 200;
  private static final Duration WARM_UP_UNDER_LOAD = Duration.ofSeconds(15);
  private static final long LOOK_EVERY_NS = TimeUnit.MICROSECONDS.toNanos(100);
  private static final long PAUSE_MS = 10;
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final TargetServer target;
  private final ClusterDouble cluster;
  private final ClusterConnection connection;
  private final PumpClient pumps;
  private final GeneratedTable probed =
      new GeneratedTable(111, DATABASE, PROBED, GeneratedTable.Shape.USUAL);
  private final GeneratedTable loaded =
      new GeneratedTable(112, DATABASE, LOADED, GeneratedTable.Shape.USUAL);
  private final Random random = new Random(1);

  /**
   * What was seen.
   *
   * @param rate rows a second beside the probes, as many as came about
   */
  record Result(Histogram nanoseconds, double rate) {
    double ms(double percentile) {
      return nanoseconds.getValueAtPercentile(percentile) / 1e6;
    }

    String text() {
      return "latency   %,d rows, %,.0f rows/s beside them: p50 %.2f ms, p90 %.2f ms, p99 %.2f ms, max %.2f ms"
          .formatted(
              nanoseconds.getTotalCount(),
              rate,
              ms(50),
              ms(90),
              ms(99),
              nanoseconds.getMaxValue() / 1e6);
    }

    String json() {
      return "{\"rows\":%d,\"load_rows_per_second\":%.0f,\"latency_ms\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"max\":%.3f}}"
          .formatted(
              nanoseconds.getTotalCount(),
              rate,
              ms(50),
              ms(90),
              ms(99),
              nanoseconds.getMaxValue() / 1e6);
    }
  }

  private LatencyRun(TargetServer target, LocalPump pump) throws InterruptedException {
    this.target = target;
    this.cluster = pump.cluster();
    this.connection = ClusterConnection.open(cluster.pdUrls(), Tls.plaintext(), Clock.system());
    this.pumps = PumpClient.open(connection, PumpClientSettings.defaults());
  }

  static Result measure(DrainerBenchOptions options, Path dir, LocalPump pump, TargetServer target)
      throws InterruptedException {
    target.renew();
    try (LatencyRun run = new LatencyRun(target, pump)) {
      Tso from = run.prepare();
      DrainerProcess.Plan plan =
          new DrainerProcess.Plan(
              options.original,
              options.original.isPresent() ? DrainReport.ORIGINAL : DrainReport.OURS,
              dir,
              pump.cluster().pdUrls(),
              target.address(),
              from,
              options.workers,
              options.txnBatch,
              options.javaOptions.get(0));
      try (DrainerProcess drainer = DrainerProcess.start(plan)) {
        return run.probe(options, drainer);
      }
    }
  }

  /** Tables on both sides; a Drainer may start at the timestamp. */
  private Tso prepare() {
    Tso now = cluster.pd().nextTso();
    DbInfo database =
        new DbInfo(DATABASE_ID, CiName.of(DATABASE), "utf8mb4", "utf8mb4_bin", SchemaState.PUBLIC);
    cluster.tikv().putMeta(MetaKey.bootstrapVersion().encode(), text("146"), now);
    cluster.tikv().putMeta(MetaKey.schemaVersion().encode(), text(Long.toString(VERSION)), now);
    cluster.tikv().putMeta(MetaKey.database(DATABASE_ID).encode(), DbInfoJson.write(database), now);
    target.execute("create database " + DATABASE);
    for (GeneratedTable table : List.of(probed, loaded)) {
      cluster
          .tikv()
          .putMeta(
              MetaKey.table(DATABASE_ID, table.info().id()).encode(),
              TableInfoJson.write(table.info()),
              now);
      target.execute(table.createSql());
    }
    return cluster.pd().nextTso();
  }

  private static byte[] text(String value) {
    return value.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
  }

  private Result probe(DrainerBenchOptions options, DrainerProcess drainer)
      throws InterruptedException {
    Histogram latencies = new Histogram(TimeUnit.MINUTES.toNanos(10), 3);
    Optional<SteadyLoad> load = Optional.empty();
    try (Connection session = target.address().connect();
        PreparedStatement look =
            session.prepareStatement("select 1 from " + DATABASE + "." + PROBED + " where id=?")) {
      long id = 0;
      for (int i = 0; i < WARM_UP; i++) {
        var unused = one(++id, look, drainer);
      }
      if (options.rate > 0) {
        load = Optional.of(SteadyLoad.start(options.rate, loaded, VERSION, cluster, pumps));
        Thread.sleep(WARM_UP_UNDER_LOAD.toMillis());
      }
      for (int i = 0; i < options.probes; i++) {
        latencies.recordValue(one(++id, look, drainer));
        Thread.sleep(PAUSE_MS + random.nextInt((int) PAUSE_MS));
      }
      return new Result(latencies, load.map(SteadyLoad::perSecond).orElse(0.0));
    } catch (SQLException e) {
      throw target.failed(e);
    } finally {
      load.ifPresent(SteadyLoad::close);
    }
  }

  /** Nanoseconds from the acknowledged Commit to the row being there. */
  private long one(long id, PreparedStatement look, DrainerProcess drainer)
      throws InterruptedException, SQLException {
    PrewriteValueBuilder rows = new PrewriteValueBuilder(VERSION);
    probed.insert(id, random.nextLong(), rows);
    SteadyLoad.transaction(rows, probed.key(id), cluster, pumps).join();
    long committedNs = System.nanoTime();
    look.setLong(1, id);
    while (true) {
      try (ResultSet row = look.executeQuery()) {
        if (row.next()) {
          return System.nanoTime() - committedNs;
        }
      }
      if (System.nanoTime() - committedNs > LIMIT.toNanos()) {
        drainer.requireAlive();
        throw new OperatorException(
            "a row is not there after " + LIMIT.toSeconds() + " s; see " + drainer.log());
      }
      LockSupport.parkNanos(LOOK_EVERY_NS);
    }
  }

  @Override
  public void close() {
    pumps.close();
    connection.close();
  }
}
