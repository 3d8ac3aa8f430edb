package org.tidbbinlog.drainer.server;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.drainer.FakePump;
import org.tidbbinlog.drainer.MemoryTarget;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.node.process.NodeProcess;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.testkit.network.FreePort;

/**
 * A whole Drainer over real sockets, with a cluster double, a Pump's fake and a target in memory.
 */
final class NodeScene implements AutoCloseable {
  final ClusterDouble cluster = ClusterDouble.start();
  final FakePump pump = FakePump.start("pump-1", cluster.clusterId());
  final MemoryTarget target = new MemoryTarget();
  final int port = FreePort.onLoopback();
  private final HttpClient http = HttpClient.newHttpClient();
  private final Path dataDir;
  private final ClusterConnection connection;

  NodeScene(Path folder) throws InterruptedException {
    this.dataDir = folder.resolve("data");
    this.connection = ClusterConnection.open(cluster.pdUrls(), Tls.plaintext(), Clock.system());
    connection.registry().put(pump.status(NodeState.ONLINE));
  }

  @Override
  public void close() {
    connection.close();
    pump.close();
    cluster.close();
  }

  /** Puts a file into the data directory. */
  Path dataFile(String name, String text) throws IOException {
    Files.createDirectories(dataDir);
    return Files.writeString(dataDir.resolve(name), text);
  }

  NodeRegistry registry() {
    return connection.registry();
  }

  ClusterConnection connection() {
    return connection;
  }

  DrainerNode node() {
    return new DrainerNode(settings(port), NodeProcess.embedded("drainer"), Clock.system());
  }

  DrainerNode start(NodeProcess process) throws InterruptedException {
    DrainerNode node = new DrainerNode(settings(port), process, Clock.system());
    node.start(target.factories());
    return node;
  }

  DrainerSettings settings(int listen) {
    return settings(listen, List.of());
  }

  DrainerSettings settings(int listen, List<String> more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-node-id",
                "drainer-1",
                "-addr",
                "127.0.0.1:" + listen,
                "-pd-urls",
                String.join(",", cluster.pdUrls()),
                "-data-dir",
                dataDir.toString()));
    arguments.addAll(more);
    return DrainerConfig.parse(arguments, Map.of()).settings();
  }

  NodeStatus registered() {
    return connection.registry().find(NodeKind.DRAINER, "drainer-1").orElseThrow();
  }

  String get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri(path)).GET());
  }

  String put(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri(path)).PUT(HttpRequest.BodyPublishers.noBody()));
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return http.send(
            request.timeout(Duration.ofSeconds(10)).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
