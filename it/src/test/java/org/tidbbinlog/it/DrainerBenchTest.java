package org.tidbbinlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.testkit.process.ChildJvm;

/** {@code bench drainer} as users run it, on a small load. */
class DrainerBenchTest {
  private static final String LAUNCHER = "org.tidbbinlog.playground.Launcher";

  @TempDir private Path dir;

  @Test
  @Timeout(120)
  void mixedLoad_isDrainedEqualAndSentAgain() throws Exception {
    JsonNode report =
        run("--generate", "mixed", "--scale", "0.01", "--workers", "4", "--ceiling", "--json");

    assertThat(report.path("transactions").asInt()).isEqualTo(910);
    JsonNode drain = report.path("drains").path(0);
    assertThat(drain.path("equal").asBoolean()).as("target of the drain").isTrue();
    assertThat(drain.path("rows_per_second").asDouble()).isPositive();
    assertThat(drain.path("cpu_seconds").asDouble()).isPositive();
    assertThat(drain.path("rss_peak_mb").asDouble()).isPositive();
    assertThat(drain.path("stage_shares").size()).isEqualTo(5);
    JsonNode ceiling = report.path("ceilings").path(0);
    assertThat(ceiling.path("equal").asBoolean()).as("target of the ceiling").isTrue();
    assertThat(ceiling.path("seconds").asDouble()).isPositive();
    assertThat(report.path("ceiling_to_ours_from_the_first_pull").asDouble()).isPositive();
  }

  @Test
  @Timeout(120)
  void latency_countsEveryProbe() throws Exception {
    JsonNode report = run("--latency", "--probes", "20", "--json");

    assertThat(report.path("rows").asInt()).isEqualTo(20);
    assertThat(report.path("latency_ms").path("p50").asDouble()).isPositive();
  }

  private JsonNode run(String... arguments) throws Exception {
    Path output = dir.resolve("bench.out");
    try (ChildJvm bench =
        ChildJvm.of(LAUNCHER, output)
            .jvm("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
            .args("bench", "drainer", "--data-dir", dir.resolve("data").toString())
            .args(arguments)
            .start()) {
      int code = bench.awaitExit(Duration.ofSeconds(110));
      assertThat(code).as(bench.output()).isZero();
      String json =
          bench.output().lines().filter(line -> line.startsWith("{")).findFirst().orElseThrow();
      return new ObjectMapper().readTree(json);
    }
  }
}
