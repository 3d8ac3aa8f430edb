package org.tidbbinlog.sinks.mysql;

import java.nio.file.Path;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.airlock.OnDdlError;
import org.tidbbinlog.drainer.server.DrainerSettings;
import org.tidbbinlog.drainer.sink.Divergences;
import org.tidbbinlog.drainer.sink.SinkFactory;
import org.tidbbinlog.drainer.sink.Target;
import org.tidbbinlog.node.metrics.Metrics;
import org.tidbbinlog.node.net.TlsSettings;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.sinks.relay.RelayReplay;
import org.tidbbinlog.sinks.relay.RelayTarget;

/** Makes targets of {@code db-type} mysql and tidb from a Drainer's settings. */
public final class MysqlTargets implements SinkFactory<DrainerSettings> {
  private final SinkCounters.Listener listener;

  public MysqlTargets(Metrics metrics) {
    this.listener = new MysqlMetrics(metrics);
  }

  @Override
  public Target connect(DrainerSettings settings, Surroundings surroundings) {
    MysqlTarget made = database(settings, surroundings);
    DrainerSettings.Relay relay = settings.syncer().relay();
    return relay.isOn()
        ? new RelayTarget(
            made, Path.of(relay.dir()), relay.maxFileBytes(), surroundings.clusterId())
        : made;
  }

  private MysqlTarget database(DrainerSettings settings, Surroundings surroundings) {
    MysqlTargetSettings target = settings(settings);
    DrainerSettings.CheckpointAt at = settings.checkpoint();
    MysqlCheckpointStore store =
        switch (at.type()) {
          case MYSQL, TIDB -> named(target, at, surroundings.clusterId());
          case WITH_TARGET -> MysqlCheckpointStore.open(target, surroundings.clusterId());
        };
    return new MysqlTarget(
        target,
        store,
        surroundings.clusterId(),
        surroundings.upstreamNow(),
        new SinkCounters(listener, surroundings.divergences()),
        surroundings.clock(),
        surroundings.airlock());
  }

  @Override
  public void finishWithoutUpstream(DrainerSettings settings, Path dataDir, Clock clock)
      throws InterruptedException {
    DrainerSettings.Relay relay = settings.syncer().relay();
    if (relay.isOn()) {
      RelayReplay.run(
          Path.of(relay.dir()), clusterId -> bare(settings, dataDir, clusterId, clock), clock);
    }
  }

  /** Nobody can choose, but what was chosen before holds: rows that were left out stay out. */
  private Target bare(DrainerSettings settings, Path dataDir, long clusterId, Clock clock) {
    return database(
        settings,
        new Surroundings(
            clusterId,
            Tso.MAX,
            dataDir,
            clock,
            DdlAirlock.open(dataDir, OnDdlError.STOP, clock, action -> {}),
            new Divergences()));
  }

  private static MysqlCheckpointStore named(
      MysqlTargetSettings target, DrainerSettings.CheckpointAt at, long clusterId) {
    MysqlTargetSettings place =
        target.withEndpoint(endpoint(at.endpoint())).withLedgerSchema(at.schema());
    boolean atTarget =
        place.endpoint().host().equalsIgnoreCase(target.endpoint().host())
            && place.endpoint().port() == target.endpoint().port();
    return atTarget
        ? MysqlCheckpointStore.open(place, at.table(), clusterId)
        : MysqlCheckpointStore.openElsewhere(place, at.table(), target, clusterId);
  }

  /** The part of a Drainer's settings that a database target needs. */
  public static MysqlTargetSettings settings(DrainerSettings settings) {
    DrainerSettings.Syncer syncer = settings.syncer();
    DrainerSettings.Destination to = settings.to();
    MysqlTargetSettings defaults =
        MysqlTargetSettings.of(to.endpoint().host(), to.endpoint().port(), "", "")
            .withEndpoint(endpoint(to.endpoint()));
    return defaults
        .withSession(
            new MysqlTargetSettings.Session(syncer.sqlMode(), to.params(), to.readTimeout()))
        .withWorkers(syncer.workerCount(), syncer.txnBatch())
        .withDispatch(
            syncer.dispatch() == DrainerSettings.Dispatch.ROWS
                ? MysqlTargetSettings.Dispatch.ROWS
                : MysqlTargetSettings.Dispatch.TRANSACTIONS,
            syncer.detection() == DrainerSettings.Detection.ON
                ? MysqlTargetSettings.Detection.ON
                : MysqlTargetSettings.Detection.OFF)
        .withModes(
            syncer.safeMode() == DrainerSettings.SafeMode.ON
                ? MysqlTargetSettings.SafeMode.ON
                : MysqlTargetSettings.SafeMode.OFF,
            to.syncMode() == DrainerSettings.SyncMode.PARTIAL
                ? MysqlTargetSettings.Columns.PARTIAL
                : MysqlTargetSettings.Columns.FULL,
            to.onDivergence() == DrainerSettings.OnDivergence.STOP
                ? MysqlTargetSettings.OnDivergence.STOP
                : MysqlTargetSettings.OnDivergence.WARN)
        .withLedgerSchema(settings.checkpoint().schema())
        .withLoopback(syncer.loopback())
        .withKeepDropped(to.keepDropped());
  }

  static MysqlTargetSettings.Endpoint endpoint(DrainerSettings.Endpoint at) {
    TlsSettings tls = at.security();
    return new MysqlTargetSettings.Endpoint(
        at.host(),
        at.port(),
        at.user(),
        at.password(),
        new MysqlTargetSettings.Tls(
            tls.caPath(), tls.certPath(), tls.keyPath(), tls.allowedCommonNames()));
  }
}
