package org.tidbbinlog.testkit;

import java.util.Collections;
import java.util.List;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.testkit.pd.PdDouble;
import org.tidbbinlog.testkit.pd.SafePoints;
import org.tidbbinlog.testkit.tikv.TikvDouble;

/** A PD cluster and its TiKV stores in this process, behind real ports on 127.0.0.1. */
public final class ClusterDouble implements AutoCloseable {
  private final PdDouble pd;
  private final TikvDouble tikv;

  /**
   * What to start.
   *
   * @param clusterId unsigned, not 0
   * @param pdPorts one PD member each; 0 = any free port
   * @param tikvPorts one store each; 0 = any free port
   * @param tls of all ports
   */
  public record Plan(
      long clusterId, List<Integer> pdPorts, List<Integer> tikvPorts, Clock clock, Tls tls) {
    public Plan {
      pdPorts = List.copyOf(pdPorts);
      tikvPorts = List.copyOf(tikvPorts);
    }

    /** Without TLS. */
    public Plan(long clusterId, List<Integer> pdPorts, List<Integer> tikvPorts, Clock clock) {
      this(clusterId, pdPorts, tikvPorts, clock, Tls.plaintext());
    }

    /** One PD member and one store on free ports. */
    public static Plan small() {
      return new Plan(7_000_000_000_000_000_001L, List.of(0), List.of(0), Clock.system());
    }

    public Plan withClusterId(long id) {
      return new Plan(id, pdPorts, tikvPorts, clock, tls);
    }

    public Plan withPdMembers(int count) {
      return new Plan(clusterId, Collections.nCopies(count, 0), tikvPorts, clock, tls);
    }

    public Plan withStores(int count) {
      return new Plan(clusterId, pdPorts, Collections.nCopies(count, 0), clock, tls);
    }

    public Plan withTls(Tls other) {
      return new Plan(clusterId, pdPorts, tikvPorts, clock, other);
    }
  }

  public static ClusterDouble start() {
    return start(Plan.small());
  }

  public static ClusterDouble start(Plan plan) {
    SafePoints safePoints = new SafePoints(plan.clock());
    TikvDouble tikv = TikvDouble.start(plan.tikvPorts(), safePoints, plan.tls());
    PdDouble pd =
        PdDouble.start(
            plan.clusterId(),
            plan.pdPorts(),
            plan.clock(),
            safePoints,
            tikv.topology(),
            plan.tls());
    return new ClusterDouble(pd, tikv);
  }

  private ClusterDouble(PdDouble pd, TikvDouble tikv) {
    this.pd = pd;
    this.tikv = tikv;
  }

  public PdDouble pd() {
    return pd;
  }

  public TikvDouble tikv() {
    return tikv;
  }

  public long clusterId() {
    return pd.clusterId();
  }

  /** {@code http://127.0.0.1:port} of every PD member, {@code https} with TLS. */
  public List<String> pdUrls() {
    return pd.urls();
  }

  @Override
  public void close() {
    pd.close();
    tikv.close();
  }
}
