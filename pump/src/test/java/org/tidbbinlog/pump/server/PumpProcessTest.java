package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.testkit.process.ChildJvm;

/** Exit codes and last words of real Pump processes. */
@Timeout(180)
final class PumpProcessTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static void assertExit(Path dir, int code, String words, String... arguments)
      throws InterruptedException {
    try (ChildJvm jvm = PumpProcess.command(dir, List.of(), arguments)) {
      assertThat(jvm.awaitExit(LIMIT)).as(jvm.output()).isEqualTo(code);
      assertThat(jvm.output()).contains(words);
    }
  }

  @Test
  void badConfiguration_endsWithOne_inOneFatalLine(@TempDir Path dir)
      throws InterruptedException, IOException {
    Path toml = Files.writeString(dir.resolve("p.toml"), "gc = \"0\"\n");
    assertExit(dir, 1, "GC is 0, must bigger than 0", "-config=" + toml, "-addr=127.0.0.1:0");
    assertThat(Files.readString(dir.resolve("pump.log")))
        .contains("[FATAL]", "verifying flags failed. See 'pump --help'.");
  }

  @Test
  void helpEndsWithZero_unknownFlagWithTwo(@TempDir Path dir) throws InterruptedException {
    assertExit(dir, 0, "-pd-urls", "--help");
    assertExit(dir, 2, "bogus", "-bogus");
    assertExit(dir, 0, "Release Version:", "-V");
  }

  @Test
  @DisplayName("pump fact 20: a second pump on one data-dir ends with 1")
  void secondPumpOnADataDir_endsWithOne_signalWithZero(@TempDir Path dir)
      throws InterruptedException {
    try (ClusterDouble cluster = ClusterDouble.start();
        PumpProcess first = PumpProcess.start(cluster, dir, List.of())) {
      assertExit(
          Path.of(dir + "2"),
          1,
          "creating pump server failed",
          "-addr=127.0.0.1:0",
          "-data-dir=" + dir.resolve("data"),
          "-pd-urls=" + String.join(",", cluster.pdUrls()));
      assertExit(
          Path.of(dir + "3"),
          2,
          "start pump server failed",
          "-addr=127.0.0.1:" + first.port(),
          "-data-dir=" + dir.resolve("other"),
          "-pd-urls=" + String.join(",", cluster.pdUrls()));
      assertThat(first.jvm().stop(LIMIT)).as(first.jvm().output()).isZero();
      assertThat(first.jvm().output().strip().lines().reduce("", (a, b) -> b))
          .contains("pump exit");
      assertThat(PumpUnderTest.registered(cluster, "pump-1").orElseThrow().state())
          .isEqualTo(NodeState.PAUSED);
    }
  }

  @Test
  void signalDuringAClose_givesUpWaiting_andLeavesPaused(@TempDir Path dir) throws Exception {
    try (ClusterDouble cluster = ClusterDouble.start();
        DrainerDouble drainer = DrainerDouble.start(cluster);
        PumpProcess pump = PumpProcess.start(cluster, dir, List.of())) {
      drainer.register(NodeState.PAUSED, Tso.ZERO);
      URI close = URI.create("http://127.0.0.1:" + pump.port() + "/state/pump-1/close");
      HttpRequest request =
          HttpRequest.newBuilder(close).PUT(HttpRequest.BodyPublishers.noBody()).build();
      HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
      pump.jvm().awaitLine("leaving waits for a drainer", LIMIT);
      assertThat(pump.jvm().stop(LIMIT)).as(pump.jvm().output()).isZero();
      assertThat(PumpUnderTest.registered(cluster, "pump-1").orElseThrow().state())
          .isEqualTo(NodeState.PAUSED);
    }
  }
}
