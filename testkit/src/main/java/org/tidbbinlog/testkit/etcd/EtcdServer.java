package org.tidbbinlog.testkit.etcd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.tidbbinlog.testkit.network.FreePort;

/**
 * A real etcd process on loopback ports, with its data in a directory of the caller. Ends with its
 * owner: {@link #close()} kills exactly this process.
 */
public final class EtcdServer implements AutoCloseable {
  private static final Path LOG = Path.of("etcd.log");

  private final Path binary;
  private final Path directory;
  private final List<String> flags;
  private final int clientPort;
  private final int peerPort;
  private Process process;

  /** The etcd binary of this machine, if it has one. */
  public static Optional<Path> binary() {
    List<String> folders =
        List.of((System.getenv().getOrDefault("PATH", "") + ":/usr/bin").split(":", -1));
    return folders.stream()
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, "etcd"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  public static EtcdServer start(Path binary, Path directory) {
    return start(binary, directory, List.of());
  }

  /** With more flags; {@code --cert-file=...} among them makes the client port speak TLS. */
  public static EtcdServer start(Path binary, Path directory, List<String> flags) {
    return new EtcdServer(binary, directory, flags, FreePort.onLoopback(), FreePort.onLoopback());
  }

  private EtcdServer(
      Path binary, Path directory, List<String> flags, int clientPort, int peerPort) {
    this.binary = binary;
    this.directory = directory;
    this.flags = List.copyOf(flags);
    this.clientPort = clientPort;
    this.peerPort = peerPort;
    this.process = launch();
  }

  public String url() {
    boolean tls = flags.stream().anyMatch(flag -> flag.startsWith("--cert-file="));
    return (tls ? "https" : "http") + "://127.0.0.1:" + clientPort;
  }

  /** Ends the process; the data stays. */
  public void stop() {
    process.destroyForcibly();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("etcd does not stop");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The same member again, on the same ports. */
  public void startAgain() {
    process = launch();
  }

  @Override
  public void close() {
    stop();
  }

  private Process launch() {
    String peerUrl = "http://127.0.0.1:" + peerPort;
    ProcessBuilder command =
        new ProcessBuilder(
            binary.toString(),
            "--name=one",
            "--data-dir=" + directory.resolve("data"),
            "--listen-client-urls=" + url(),
            "--advertise-client-urls=" + url(),
            "--listen-peer-urls=" + peerUrl,
            "--initial-advertise-peer-urls=" + peerUrl,
            "--initial-cluster=one=" + peerUrl,
            "--log-level=warn");
    command.command().addAll(flags);
    command.redirectErrorStream(true);
    command.redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve(LOG).toFile()));
    try {
      Process started = command.start();
      awaitPort(started);
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException("etcd does not start", e);
    }
  }

  private void awaitPort(Process started) throws IOException {
    for (int i = 0; i < 300; i++) {
      if (!started.isAlive()) {
        throw new IOException("etcd ended: " + Files.readString(directory.resolve(LOG)));
      }
      try (Socket probe = new Socket()) {
        probe.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), clientPort), 200);
        return;
      } catch (IOException notYet) {
        pause();
      }
    }
    started.destroyForcibly();
    throw new IOException("etcd opens no port: " + Files.readString(directory.resolve(LOG)));
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
