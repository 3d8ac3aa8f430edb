package org.tidbbinlog.tools.ddl;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.cluster.ClusterLimits;
import org.tidbbinlog.cluster.pd.PdLimits;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeNotFoundException;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.node.config.Addresses;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.node.net.TlsSettings;
import picocli.CommandLine.Option;

/** The options that say which Drainer is asked. */
final class WhichDrainer {
  /** A person waits. */
  private static final Duration SEARCH_LIMIT = Duration.ofSeconds(10);

  @Option(
      names = "--drainer",
      paramLabel = "HOST:PORT",
      description = "address of the Drainer; default: found through PD")
  private String address = "";

  @Option(
      names = "--node-id",
      paramLabel = "ID",
      description = "its name in PD; default: the only one there")
  private String nodeId = "";

  @Option(
      names = "--pd-urls",
      paramLabel = "URLS",
      description = "PD members, comma-separated; default ${DEFAULT-VALUE}")
  private String pdUrls = "http://127.0.0.1:2379";

  @Option(
      names = "--ssl-ca",
      paramLabel = "FILE",
      description = "PEM file of trusted authorities; turns TLS on")
  private String sslCa = "";

  @Option(names = "--ssl-cert", paramLabel = "FILE", description = "PEM file of our certificate")
  private String sslCert = "";

  @Option(names = "--ssl-key", paramLabel = "FILE", description = "PEM file of our private key")
  private String sslKey = "";

  /**
   * @throws OperatorException when it is not clear which one is meant
   */
  DrainerClient find() throws InterruptedException {
    Tls tls = Tls.of(new TlsSettings(sslCa, sslCert, sslKey, List.of()));
    return new DrainerClient(tls, address.isEmpty() ? fromRegistry(tls) : address);
  }

  private String fromRegistry(Tls tls) throws InterruptedException {
    PdLimits normal = PdLimits.defaults();
    PdLimits limits =
        new PdLimits(
            SEARCH_LIMIT,
            normal.request(),
            normal.memberRequest(),
            normal.timestamp(),
            normal.refreshPeriod());
    try (ClusterConnection cluster =
        ClusterConnection.open(
            Addresses.requirePdUrlsOrHostPorts(pdUrls),
            tls,
            Clock.system(),
            ClusterLimits.defaults().withPd(limits))) {
      if (!nodeId.isEmpty()) {
        return cluster
            .registry()
            .find(NodeKind.DRAINER, nodeId)
            .orElseThrow(() -> new NodeNotFoundException(NodeKind.DRAINER, nodeId))
            .host();
      }
      return theOnlyOne(
          cluster.registry().list(NodeKind.DRAINER).stream()
              .filter(node -> node.state() == NodeState.ONLINE)
              .toList());
    }
  }

  private static String theOnlyOne(List<NodeStatus> online) {
    if (online.size() != 1) {
      throw new OperatorException(
          online.isEmpty()
              ? "PD knows of no Drainer that is online; give --drainer HOST:PORT"
              : "PD knows of several Drainers, give --node-id with one of: "
                  + online.stream().map(NodeStatus::nodeId).collect(Collectors.joining(", ")));
    }
    return online.get(0).host();
  }
}
