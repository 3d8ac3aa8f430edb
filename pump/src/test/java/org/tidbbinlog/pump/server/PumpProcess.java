package org.tidbbinlog.pump.server;

import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.testkit.process.ChildJvm;

/** A Pump in a JVM of its own. */
final class PumpProcess implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);

  private final ChildJvm jvm;
  private final ManagedChannel channel;
  private final int port;

  private PumpProcess(ChildJvm jvm, int port) {
    this.jvm = jvm;
    this.port = port;
    this.channel = Channels.open("127.0.0.1:" + port, Tls.plaintext());
  }

  /** Starts one and waits until it is online. */
  static PumpProcess start(
      ClusterDouble cluster, Path dir, List<String> jvmArguments, String... more)
      throws InterruptedException {
    return start(cluster, dir, jvmArguments, Map.of(), more);
  }

  /** As above with variables of the environment. */
  static PumpProcess start(
      ClusterDouble cluster,
      Path dir,
      List<String> jvmArguments,
      Map<String, String> environment,
      String... more)
      throws InterruptedException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-addr=127.0.0.1:0",
                "-data-dir=" + dir.resolve("data"),
                "-node-id=pump-1",
                "-fake-binlog-interval=1",
                "-pd-urls=" + String.join(",", cluster.pdUrls())));
    arguments.addAll(List.of(more));
    ChildJvm.Recipe recipe = recipe(dir, jvmArguments, arguments.toArray(new String[0]));
    environment.forEach(recipe::env);
    ChildJvm jvm = recipe.start();
    try {
      int port = Integer.parseInt(jvm.awaitLine("pump is online.*\\[port=(\\d+)]", START).group(1));
      return new PumpProcess(jvm, port);
    } catch (AssertionError | InterruptedException e) {
      jvm.close();
      throw e;
    }
  }

  /** Runs {@code pump} with exactly these arguments. */
  static ChildJvm command(Path dir, List<String> jvmArguments, String... arguments) {
    return recipe(dir, jvmArguments, arguments).start();
  }

  private static ChildJvm.Recipe recipe(Path dir, List<String> jvmArguments, String... arguments) {
    return ChildJvm.of(PumpMain.class.getName(), dir.resolve("pump.log"))
        .jvm("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
        .jvm(jvmArguments.toArray(new String[0]))
        .args(arguments);
  }

  ChildJvm jvm() {
    return jvm;
  }

  ManagedChannel channel() {
    return channel;
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    jvm.close();
  }
}
