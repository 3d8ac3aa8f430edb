package org.tidbbinlog.cluster.tikv;

import java.time.Duration;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.TestLinks;
import org.tidbbinlog.cluster.net.Links;
import org.tidbbinlog.cluster.net.PdUrls;
import org.tidbbinlog.cluster.pd.PdClient;
import org.tidbbinlog.cluster.pd.PdTimeSource;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.testkit.pd.PdDouble;
import org.tidbbinlog.testkit.tikv.TikvDouble;

/** A cluster double with two stores and a client to it. */
final class TikvFixture implements AutoCloseable {
  private final ClusterDouble cluster =
      ClusterDouble.start(ClusterDouble.Plan.small().withStores(2));
  private final Links links = TestLinks.open();
  private final PdTimeSource time;
  private final TikvClient client;

  TikvFixture() throws InterruptedException {
    PdClient pd =
        PdClient.discover(
            PdUrls.hostPorts(cluster.pdUrls()),
            links,
            TestLinks.policy(Duration.ofSeconds(5)),
            TestLinks.pdLimits());
    time = new PdTimeSource(pd, links, Clock.system(), TestLinks.pdLimits());
    client = new TikvClient(pd, links, time, TestLinks.policy(Duration.ofSeconds(5)));
  }

  TikvDouble tikv() {
    return cluster.tikv();
  }

  PdDouble pd() {
    return cluster.pd();
  }

  TikvClient client() {
    return client;
  }

  Tso now() throws InterruptedException {
    return time.next();
  }

  @Override
  public void close() {
    time.close();
    links.close();
    cluster.close();
  }
}
