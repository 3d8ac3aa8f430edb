package org.tidbbinlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.testkit.process.ChildJvm;

/** The first command of the README. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class PlaygroundProcessTest {
  private static final String LAUNCHER = "org.tidbbinlog.playground.Launcher";
  private static final Duration LIMIT = Duration.ofSeconds(200);

  @TempDir Path dir;

  @Test
  void boundedRun_endsWithEqualTarget_exit0() throws Exception {
    try (ChildJvm playground =
        start("playground", "--once", "--transactions=600", "--seed=7", "--data-dir=" + dir)) {
      assertThat(playground.awaitExit(LIMIT)).as(playground.output()).isZero();
      assertThat(playground.output()).containsPattern("playground: OK tables=\\d+ rows=\\d+");
      assertThat(dir.resolve("drainer-1.1.log")).isNotEmptyFile();
    }
  }

  @Test
  void capture_playedOnce_equalsItsTruth() throws Exception {
    Path capture = Path.of(System.getProperty("captures.dir"), "02-keys");
    try (ChildJvm playground = start("playground", "--once", "--capture=" + capture)) {
      assertThat(playground.awaitExit(LIMIT)).as(playground.output()).isZero();
      assertThat(playground.output()).contains("playground: OK tables=14 rows=29 transactions=101");
      assertThat(leftFolders()).isEmpty();
    }
  }

  /** One run serves three facts: a port that is taken, Ctrl-C, and what is left behind. */
  @Test
  void interrupt_endsEveryProcess_andRemovesTheData() throws Exception {
    try (ChildJvm playground = start("playground", "--rate=50")) {
      String pd = playground.awaitLine("-pd-urls http://127.0.0.1:(\\d+)", LIMIT).group(1);
      try (ChildJvm second = start("second", "--port-base=" + pd)) {
        assertThat(second.awaitExit(LIMIT)).isEqualTo(1);
        assertThat(second.output())
            .contains(
                "playground: port " + pd + " is taken on 127.0.0.1; choose another --port-base")
            .doesNotContain("\tat ");
      }
      playground.awaitLine("applied=[1-9]", LIMIT);
      assertThat(leftFolders()).anyMatch(path -> path.contains("playground"));
      List<ProcessHandle> children =
          ProcessHandle.of(playground.pid()).orElseThrow().descendants().toList();
      assertThat(children).hasSizeGreaterThanOrEqualTo(4);
      interruptLikeATerminal(playground, children);
      assertThat(playground.awaitExit(LIMIT)).as(playground.output()).isZero();
      assertThat(playground.output())
          .containsPattern("playground: stopped transactions=\\d+ applied=[1-9]")
          .doesNotContain("ended; see");
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> leftFolders().stream().noneMatch(path -> path.contains("playground")));
  }

  /** Ctrl-C reaches every process of the terminal. */
  private static void interruptLikeATerminal(ChildJvm playground, List<ProcessHandle> children)
      throws Exception {
    List<String> command = new ArrayList<>(List.of("kill", "-INT"));
    command.add(Long.toString(playground.pid()));
    children.forEach(child -> command.add(Long.toString(child.pid())));
    assertThat(new ProcessBuilder(command).start().waitFor()).isZero();
    // A test run in the background inherits ignored interrupts, and a JVM keeps ignoring them.
    playground.terminate();
  }

  private ChildJvm start(String name, String... arguments) {
    return ChildJvm.of(LAUNCHER, dir.resolve(name + ".out"))
        .jvm("-Djava.io.tmpdir=" + dir)
        .args(Stream.concat(Stream.of("playground"), Stream.of(arguments)).toArray(String[]::new))
        .start();
  }

  private List<String> leftFolders() throws Exception {
    try (Stream<Path> entries = Files.list(dir)) {
      return entries
          .map(path -> path.getFileName().toString())
          .filter(name -> name.startsWith("tidb-binlog-"))
          .toList();
    }
  }
}
