package org.tidbbinlog.pump.server;

import io.grpc.Status;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.binlog.BinlogHeader;
import org.tidbbinlog.codec.binlog.BinlogKind;
import org.tidbbinlog.pump.storage.AppendCallback;
import org.tidbbinlog.pump.storage.BinlogStore;

/**
 * What every write passes on its way to the store, in the original's order and with its words: the
 * cluster, the bytes, the state, the space. Called on event loops; never blocks. Source:
 * pump-protocol section 5.
 */
final class WriteGate implements PayloadSpill.Admission {
  private static final Logger LOG = LoggerFactory.getLogger(WriteGate.class);
  private static final long SLOW_NS = Duration.ofSeconds(1).toNanos();

  private final ClusterCheck cluster;
  private final PumpState state;
  private final SpaceWatch space;
  private final BinlogStore store;
  private final PumpMetrics metrics;
  private final Clock clock;
  private final PayloadSpill spill;
  private final Executor spiller;
  private final AtomicLong activity = new AtomicLong();

  WriteGate(
      ClusterCheck cluster,
      PumpState state,
      SpaceWatch space,
      BinlogStore store,
      PumpMetrics metrics,
      Clock clock,
      PayloadSpill spill,
      Executor spiller) {
    this.cluster = cluster;
    this.state = state;
    this.space = space;
    this.store = store;
    this.metrics = metrics;
    this.clock = clock;
    this.spill = spill;
    this.spiller = spiller;
  }

  /**
   * @throws WriteRefusedException when a check fails; {@code done} is not called then
   */
  void write(long clusterId, ByteBuffer payload, AppendCallback done) {
    activity.incrementAndGet();
    cluster.require(clusterId);
    BinlogHeader header = peek(payload);
    if (header.kind() == BinlogKind.PREWRITE && !state.acceptsPrewrites()) {
      throw notOnline();
    }
    if (!header.isFake()) {
      space.requireEnough();
    }
    if (header.isProbe()) {
      done.durable();
    } else {
      metrics.accepted(payload.remaining());
      store.append(payload, done);
    }
  }

  /**
   * Looks at what will be looked at again before a large payload costs disk space. Only a Prewrite
   * is that large.
   */
  @Override
  public void require(OptionalLong clusterId, long payloadBytes) {
    activity.incrementAndGet();
    clusterId.ifPresent(cluster::require);
    if (!state.acceptsPrewrites()) {
      throw notOnline();
    }
    space.measure(); // Others as large may have come since the loop looked.
    space.requireEnoughFor(payloadBytes);
  }

  private WriteRefusedException notOnline() {
    return new WriteRefusedException("no online: " + state.current(), Level.WARN);
  }

  private static BinlogHeader peek(ByteBuffer payload) {
    try {
      return BinlogHeader.peek(payload);
    } catch (DecodeException e) {
      throw new WriteRefusedException(e.what(), Level.ERROR);
    }
  }

  /** Grows with every write that came from outside, also with refused ones and probes. */
  long activity() {
    return activity.get();
  }

  PayloadSpill spill() {
    return spill;
  }

  Executor spiller() {
    return spiller;
  }

  long nanoTime() {
    return clock.nanoTime();
  }

  Status statusOf(RuntimeException cause) {
    Level level = cause instanceof WriteRefusedException refused ? refused.level() : Level.ERROR;
    LOG.atLevel(level).addKeyValue("error", cause.toString()).log("write binlog failed");
    String text = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return Status.UNKNOWN.withDescription(text);
  }

  void succeeded(long startedNs) {
    long tookNs = clock.nanoTime() - startedNs;
    metrics.wrote(tookNs);
    if (tookNs >= SLOW_NS) {
      LOG.atWarn().addKeyValue("took", Duration.ofNanos(tookNs)).log("write binlog was slow");
    }
  }

  void failed(long startedNs) {
    metrics.writeFailed(clock.nanoTime() - startedNs);
  }
}
