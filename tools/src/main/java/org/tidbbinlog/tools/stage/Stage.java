package org.tidbbinlog.tools.stage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.testkit.mariadb.MariaDb;
import org.tidbbinlog.testkit.mariadb.MariaDbOptions;
import org.tidbbinlog.tools.compare.TargetAddress;

/**
 * A running cluster: the doubles live in this process, everything else beside it. Closing ends all
 * that this stage started. One owner thread.
 */
public final class Stage implements AutoCloseable {
  private static final int TIKV_OFFSET = 1;
  private static final int TARGET_OFFSET = 2;
  private static final int DRAINER_OFFSET = 9;
  private static final int PUMP_OFFSET = 10;

  private final StagePlan plan;
  private final Ports ports;
  private final ClusterDouble cluster;
  private final Optional<MariaDb> embedded;
  private final TargetAddress target;
  private final List<ServerNode> pumps = new ArrayList<>();
  private Optional<ServerNode> drainer = Optional.empty();

  private Stage(StagePlan plan, Ports ports, ClusterDouble cluster, Optional<MariaDb> embedded) {
    this.plan = plan;
    this.ports = ports;
    this.cluster = cluster;
    this.embedded = embedded;
    this.target =
        plan.target()
            .or(() -> embedded.map(db -> new TargetAddress("root", "", "127.0.0.1", db.port())))
            .orElseThrow();
  }

  /**
   * Fails when a port that a stage would use is taken; base 0 = none is fixed.
   *
   * @throws OperatorException naming it
   */
  public static void requireFree(int portBase, int pumps) {
    if (portBase != 0) {
      Ports ports = new Ports(portBase);
      ports.requireFree(0, TIKV_OFFSET, TARGET_OFFSET, DRAINER_OFFSET);
      for (int i = 0; i < pumps; i++) {
        ports.requireFree(PUMP_OFFSET + i);
      }
    }
  }

  /** Starts the doubles and, unless the plan names a target, an embedded MariaDB. */
  public static Stage open(StagePlan plan) {
    Ports ports = new Ports(plan.portBase());
    requireFree(plan.portBase(), plan.pumps());
    ClusterDouble cluster =
        ClusterDouble.start(
            new ClusterDouble.Plan(
                plan.clusterId(),
                List.of(ports.at(0)),
                List.of(ports.at(TIKV_OFFSET)),
                Clock.system()));
    try {
      Optional<MariaDb> embedded =
          plan.target().isPresent()
              ? Optional.empty()
              : Optional.of(
                  MariaDb.start(
                      plan.dir().resolve("mariadb"),
                      MariaDbOptions.forTests()
                          .withPort(plan.portBase() == 0 ? 0 : ports.at(TARGET_OFFSET))
                          .with("--max-allowed-packet=1G")));
      return new Stage(plan, ports, cluster, embedded);
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  public StagePlan plan() {
    return plan;
  }

  public ClusterDouble cluster() {
    return cluster;
  }

  public TargetAddress target() {
    return target;
  }

  /** The embedded target, when the plan did not name another. */
  public Optional<MariaDb> mariaDb() {
    return embedded;
  }

  public List<ServerNode> pumps() {
    return List.copyOf(pumps);
  }

  public ServerNode drainer() {
    return drainer.orElseThrow(() -> new IllegalStateException("no Drainer was started"));
  }

  /** Starts one more Pump; {@link ServerNode#awaitReady} waits for it. */
  public ServerNode startPump() {
    int number = pumps.size() + 1;
    String id = "pump-" + number;
    Path config =
        write(
            id + ".toml",
            """
            # A replay may lie far in the past, and disks of workstations are small.
            gc = 36500
            [storage]
            stop-write-at-available-space = "64 MiB"
            """);
    int port = ports.at(PUMP_OFFSET + number - 1);
    ServerNode pump =
        new ServerNode(
            id,
            port,
            plan.dir(),
            plan.nodeJvm(),
            List.of(
                "pump",
                "-config=" + config,
                "-node-id=" + id,
                "-addr=127.0.0.1:" + port,
                "-advertise-addr=127.0.0.1:" + port,
                "-pd-urls=" + pdUrls(),
                "-data-dir=" + plan.dir().resolve(id),
                "-fake-binlog-interval=1",
                "-heartbeat-interval=1"));
    pumps.add(pump);
    return pump;
  }

  /** Starts the Drainer; transactions with a commit timestamp after {@code from} are wanted. */
  public ServerNode startDrainer(Tso from) {
    return startDrainer("-initial-commit-ts=" + from);
  }

  /** Starts the Drainer; what lies in {@link #drainerData} and the target say where it begins. */
  public ServerNode startDrainerWhereItWas() {
    return startDrainer("-initial-commit-ts=-1");
  }

  /** The Drainer's data directory. */
  public Path drainerData() {
    return plan.dir().resolve("drainer-1");
  }

  private ServerNode startDrainer(String where) {
    int port = ports.at(DRAINER_OFFSET);
    ServerNode started =
        new ServerNode(
            "drainer-1",
            port,
            plan.dir(),
            plan.nodeJvm(),
            List.of(
                "drainer",
                "-config=" + write("drainer.toml", DrainerToml.writingTo(target, plan.syncer())),
                "-node-id=drainer-1",
                "-addr=127.0.0.1:" + port,
                "-advertise-addr=127.0.0.1:" + port,
                "-pd-urls=" + pdUrls(),
                "-data-dir=" + drainerData(),
                where));
    drainer = Optional.of(started);
    return started;
  }

  private String pdUrls() {
    return String.join(",", cluster.pdUrls());
  }

  private Path write(String name, String text) {
    try {
      Files.createDirectories(plan.dir());
      return Files.writeString(plan.dir().resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + plan.dir().resolve(name), e);
    }
  }

  /** Every node that was started, Pumps first. */
  public List<ServerNode> nodes() {
    List<ServerNode> nodes = new ArrayList<>(pumps);
    drainer.ifPresent(nodes::add);
    return nodes;
  }

  /**
   * The owner closes this stage, also when a signal ends the JVM: until then the target answers, so
   * that the Drainer can end in order.
   */
  public void outliveSignals() {
    embedded.ifPresent(MariaDb::outliveSignals);
  }

  /** Ends Drainer and Pumps in order; the target and the doubles stay. */
  public void stopNodes() throws InterruptedException {
    if (drainer.isPresent() && drainer.get().isAlive()) {
      drainer.get().stop();
    }
    for (ServerNode pump : pumps) {
      if (pump.isAlive()) {
        pump.stop();
      }
    }
  }

  @Override
  public void close() {
    drainer.ifPresent(ServerNode::close);
    pumps.forEach(ServerNode::close);
    cluster.close();
    embedded.ifPresent(MariaDb::close);
  }
}
