package org.tidbbinlog.tools.bench.drain;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.testkit.network.FreePort;
import org.tidbbinlog.tools.bench.Programs;
import org.tidbbinlog.tools.compare.TargetAddress;
import org.tidbbinlog.tools.stage.DrainerToml;

/** A Drainer as users start it, in a process of its own. One thread. */
final class DrainerProcess implements AutoCloseable {
  private static final Duration STOP_LIMIT = Duration.ofSeconds(40);
  private static final int SHOWN_LINES = 3;

  private final Process process;
  private final int port;
  private final Path log;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /**
   * What to start.
   *
   * @param program an original Drainer; empty = ours
   * @param name node id, and name of its folder under {@code dir}
   */
  record Plan(
      Optional<Path> program,
      String name,
      Path dir,
      List<String> pdUrls,
      TargetAddress target,
      Tso from,
      int workers,
      int txnBatch,
      String javaOptions) {
    Plan {
      pdUrls = List.copyOf(pdUrls);
    }
  }

  private DrainerProcess(Process process, int port, Path log) {
    this.process = process;
    this.port = port;
    this.log = log;
  }

  static DrainerProcess start(Plan plan) {
    try {
      Path home = Files.createDirectories(plan.dir.resolve(plan.name));
      Path log = plan.dir.resolve(plan.name + ".log");
      int port = FreePort.onLoopback();
      List<String> command =
          plan.program
              .map(file -> new ArrayList<>(List.of(file.toString())))
              .orElseGet(() -> new ArrayList<>(Programs.command("drainer")));
      command.addAll(
          List.of(
              "-config="
                  + Files.writeString(
                      home.resolve("drainer.toml"), DrainerToml.writingTo(plan.target, List.of())),
              "-node-id=" + plan.name,
              "-addr=127.0.0.1:" + port,
              "-advertise-addr=127.0.0.1:" + port,
              "-pd-urls=" + String.join(",", plan.pdUrls),
              "-data-dir=" + home.resolve("data"),
              "-initial-commit-ts=" + plan.from,
              "-c=" + plan.workers,
              "-txn-batch=" + plan.txnBatch));
      ProcessBuilder builder =
          Programs.builder(command, plan.javaOptions).redirectOutput(log.toFile());
      // Original programs carry two copies of one protobuf file.
      builder.environment().put("GOLANG_PROTOBUF_REGISTRATION_CONFLICT", "warn");
      return new DrainerProcess(builder.start(), port, log);
    } catch (IOException e) {
      throw new UncheckedIOException("starting " + plan.name, e);
    }
  }

  long pid() {
    return process.pid();
  }

  Path log() {
    return log;
  }

  /** A page of its HTTP side; empty when it does not answer. */
  Optional<String> get(String path) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(10))
            .build();
    try {
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      return response.statusCode() == 200 ? Optional.of(response.body()) : Optional.empty();
    } catch (IOException notThere) {
      return Optional.empty();
    }
  }

  /** Fails with the last lines of the log when the process has ended. */
  void requireAlive() {
    if (process.isAlive()) {
      return;
    }
    try {
      List<String> lines = Files.readAllLines(log);
      throw new OperatorException(
          "the Drainer ended; see %s; it said last: %s"
              .formatted(
                  log,
                  String.join(
                      " | ",
                      lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size()))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Orderly stop. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
