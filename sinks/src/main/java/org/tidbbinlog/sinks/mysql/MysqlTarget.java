package org.tidbbinlog.sinks.mysql;

import java.util.Optional;
import java.util.Random;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.CheckpointStore;
import org.tidbbinlog.drainer.sink.Sink;
import org.tidbbinlog.drainer.sink.SinkListener;
import org.tidbbinlog.drainer.sink.Target;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;

/** A connected MariaDB, MySQL or TiDB with the checkpoint in it or elsewhere. */
public final class MysqlTarget implements Target {
  private final MysqlTargetSettings settings;
  private final MysqlCheckpointStore store;
  private final long clusterId;
  private final Tso upstreamNow;
  private final SinkCounters counters;
  private final Clock clock;
  private final DdlAirlock airlock;

  /**
   * @param store where the checkpoint is; closed with the target
   * @param upstreamNow what upstream's clock says, or {@link Tso#MAX}
   */
  MysqlTarget(
      MysqlTargetSettings settings,
      MysqlCheckpointStore store,
      long clusterId,
      Tso upstreamNow,
      SinkCounters counters,
      Clock clock,
      DdlAirlock airlock) {
    this.settings = settings;
    this.store = store;
    this.clusterId = clusterId;
    this.upstreamNow = upstreamNow;
    this.counters = counters;
    this.clock = clock;
    this.airlock = airlock;
  }

  @Override
  public CheckpointStore checkpoints() {
    return store;
  }

  /**
   * @throws OperatorException when another Drainer of this cluster is at work there
   */
  @Override
  public Sink open(Optional<Checkpoint> loaded, Tso start, SinkListener listener) {
    Sink sink =
        MysqlSink.open(
            settings,
            clusterId,
            store.resumeFrom(loaded, start).at(upstreamNow),
            listener,
            counters,
            clock,
            new Random(clock.nanoTime()),
            airlock);
    try {
      store.claim(loaded);
      return sink;
    } catch (RuntimeException e) {
      sink.close();
      throw e;
    }
  }

  public SinkCounters counters() {
    return counters;
  }

  @Override
  public void close() {
    store.close();
  }
}
