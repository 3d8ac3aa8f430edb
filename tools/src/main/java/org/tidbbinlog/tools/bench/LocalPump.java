package org.tidbbinlog.tools.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.testkit.ClusterDouble;

/**
 * A Pump of ours as users run it, through {@code bin/tidb-binlog}, as a process of its own, and a
 * PD double in this process. One owner thread.
 */
public final class LocalPump implements AutoCloseable {
  private static final Pattern ONLINE = Pattern.compile("pump is online.*port=(\\d+)");
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
  private static final long POLL_MS = 5;

  private final ClusterDouble cluster;
  private final Path dir;
  private final String javaOptions;
  private final List<String> more;
  private Process process;
  private int lives;
  private int port;

  private LocalPump(ClusterDouble cluster, Path dir, String javaOptions, List<String> more)
      throws InterruptedException {
    this.cluster = cluster;
    this.dir = dir;
    this.javaOptions = javaOptions;
    this.more = List.copyOf(more);
    this.process = launch();
    awaitOnline();
  }

  /**
   * With doubles of its own.
   *
   * @param dir for data and logs
   * @param javaOptions of the Pump's JVM; empty for the launcher's own
   */
  static LocalPump start(Path dir, String javaOptions) throws InterruptedException {
    return new LocalPump(ClusterDouble.start(), dir, javaOptions, List.of());
  }

  /**
   * @param cluster where it registers; closed with it
   * @param more arguments of the Pump
   */
  public static LocalPump start(ClusterDouble cluster, Path dir, String... more)
      throws InterruptedException {
    return new LocalPump(cluster, dir, "", List.of(more));
  }

  private Process launch() {
    lives++;
    List<String> command = Programs.command("pump");
    command.addAll(
        List.of(
            "-addr=127.0.0.1:" + port,
            "-advertise-addr=127.0.0.1:" + port,
            "-node-id=bench",
            "-pd-urls=" + String.join(",", cluster.pdUrls()),
            "-data-dir=" + dir.resolve("data")));
    command.addAll(more);
    ProcessBuilder builder = Programs.builder(command, javaOptions).redirectOutput(log().toFile());
    try {
      Files.createDirectories(dir);
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where it prints. */
  public Path log() {
    return dir.resolve("pump." + lives + ".log");
  }

  private void awaitOnline() throws InterruptedException {
    long deadlineNs = System.nanoTime() + START_LIMIT.toNanos();
    while (true) {
      Matcher online = ONLINE.matcher(said());
      if (online.find()) {
        port = Integer.parseInt(online.group(1));
        return;
      }
      if (!process.isAlive() || System.nanoTime() > deadlineNs) {
        throw new OperatorException("the Pump did not start; see " + log());
      }
      Thread.sleep(POLL_MS);
    }
  }

  private String said() {
    try {
      return Files.readString(log());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String address() {
    return "127.0.0.1:" + port;
  }

  /** The PD and TiKV doubles it is registered at. */
  public ClusterDouble cluster() {
    return cluster;
  }

  long clusterId() {
    return cluster.clusterId();
  }

  public long pid() {
    return process.pid();
  }

  /** Bytes of its value log. */
  long logBytes() {
    try (var files = Files.walk(dir.resolve("data").resolve("value"))) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills it as a crash would, starts it on the same data; the time from start to online. */
  Duration crashAndRestart() throws InterruptedException {
    process.destroyForcibly().waitFor();
    return restart();
  }

  private Duration restart() throws InterruptedException {
    long beginNs = System.nanoTime();
    process = launch();
    awaitOnline();
    return Duration.ofNanos(System.nanoTime() - beginNs);
  }

  /** Orderly stop; the time from the signal to the end of the process. */
  Duration stop() throws InterruptedException {
    long beginNs = System.nanoTime();
    process.destroy();
    if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new OperatorException("the Pump still runs after " + STOP_LIMIT + "; see " + log());
    }
    return Duration.ofNanos(System.nanoTime() - beginNs);
  }

  /** Lets it stop in order, for a while. */
  @Override
  public void close() {
    try {
      process.destroy();
      if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    cluster.close();
  }
}
