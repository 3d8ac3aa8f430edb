package org.tidbbinlog.tools.stage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.testkit.process.ChildJvm;

/**
 * A Pump or a Drainer as a process of its own, which may be killed and started again on its data.
 * One owner thread; {@link #status} may be called by others.
 */
public final class ServerNode implements AutoCloseable {
  private static final String LAUNCHER = "org.tidbbinlog.playground.Launcher";
  private static final Duration READY_LIMIT = Duration.ofMinutes(1);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(50);
  private static final int SHOWN_LINES = 3;

  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  private final String nodeId;
  private final int port;
  private final Path dir;
  private final List<String> jvm;
  private final List<String> arguments;
  private volatile ChildJvm process;
  private int lives;

  ServerNode(String nodeId, int port, Path dir, List<String> jvm, List<String> arguments) {
    this.nodeId = nodeId;
    this.port = port;
    this.dir = dir;
    this.jvm = List.copyOf(jvm);
    this.arguments = List.copyOf(arguments);
    this.process = launch();
  }

  private ChildJvm launch() {
    lives++;
    return ChildJvm.of(LAUNCHER, dir.resolve(nodeId + "." + lives + ".log"))
        .jvm(jvm.toArray(String[]::new))
        .args(arguments.toArray(String[]::new))
        .deafToInterrupt()
        .start();
  }

  public String nodeId() {
    return nodeId;
  }

  public int port() {
    return port;
  }

  public String address() {
    return "127.0.0.1:" + port;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Where the current process prints. */
  public Path log() {
    return process.outputFile().toPath();
  }

  /** Blocks until the HTTP side answers; the error shows what the process said. */
  public void awaitReady() throws InterruptedException {
    long deadline = System.nanoTime() + READY_LIMIT.toNanos();
    while (status().isEmpty()) {
      requireAlive();
      if (System.nanoTime() > deadline) {
        throw new OperatorException(
            nodeId + " does not answer after " + READY_LIMIT.toSeconds() + " s; see " + log());
      }
      Thread.sleep(POLL.toMillis());
    }
  }

  /** The node's {@code /status}; empty while it does not answer. */
  public Optional<JsonNode> status() throws InterruptedException {
    return get("/status").flatMap(ServerNode::json);
  }

  /** Drainer: its checkpoint; 0 while it does not answer. */
  public Tso checkpoint() throws InterruptedException {
    return new Tso(status().map(status -> status.path("LastTS").asLong()).orElse(0L));
  }

  /** Drainer: what it says of its progress; empty while it does not answer. */
  public Optional<DrainerProgress> progress() throws InterruptedException {
    return status().map(DrainerProgress::of);
  }

  /** Drainer: up to here the target has everything; 0 while it does not answer. */
  public Tso applied() throws InterruptedException {
    return progress().map(DrainerProgress::applied).orElse(Tso.ZERO);
  }

  /** A page of the node's HTTP side; empty while it does not answer. */
  public Optional<String> get(String path) throws InterruptedException {
    return send(HttpRequest.newBuilder(uri(path)).GET());
  }

  /** Asks the node to {@code pause} or {@code close} itself. */
  public Optional<String> changeState(String action) throws InterruptedException {
    return send(
        HttpRequest.newBuilder(uri("/state/" + nodeId + "/" + action))
            .PUT(HttpRequest.BodyPublishers.noBody()));
  }

  private URI uri(String path) {
    return URI.create("http://" + address() + path);
  }

  private static Optional<String> send(HttpRequest.Builder request) throws InterruptedException {
    try {
      HttpResponse<String> response =
          HTTP.send(
              request.timeout(Duration.ofSeconds(5)).build(), HttpResponse.BodyHandlers.ofString());
      return response.statusCode() == 200 ? Optional.of(response.body()) : Optional.empty();
    } catch (IOException notThere) {
      return Optional.empty();
    }
  }

  private static Optional<JsonNode> json(String text) {
    try {
      return Optional.of(new ObjectMapper().readTree(text));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Fails with the last lines of the log when the process has ended. */
  public void requireAlive() {
    if (!isAlive()) {
      throw new OperatorException(
          nodeId + " ended; see " + log() + "; it said last: " + String.join(" | ", lastLines()));
    }
  }

  private List<String> lastLines() {
    List<String> lines = new ArrayList<>(process.output().lines().toList());
    List<String> telling =
        lines.stream().filter(l -> l.contains("[ERROR]") || l.contains("[FATAL]")).toList();
    List<String> shown = telling.isEmpty() ? lines : telling;
    return shown.subList(Math.max(0, shown.size() - SHOWN_LINES), shown.size());
  }

  /** As a crash would. */
  public void kill9() throws InterruptedException {
    process.kill9();
  }

  /** Orderly stop; the exit code. */
  public int stop() throws InterruptedException {
    return process.stop(STOP_LIMIT);
  }

  /** Waits until the process ends by itself. */
  public int awaitExit(Duration limit) throws InterruptedException {
    return process.awaitExit(limit);
  }

  /** Starts a new process on the same data; the old one must have ended. */
  public void startAgain() {
    if (isAlive()) {
      throw new IllegalStateException(nodeId + " still runs");
    }
    process = launch();
  }

  /** Freezes or thaws the process: {@code STOP} or {@code CONT}. */
  public void signal(String name) throws InterruptedException {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
