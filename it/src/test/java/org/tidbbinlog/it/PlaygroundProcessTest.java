package org.tidbbinlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.testkit.process.ChildJvm;

/** The first command of the README. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class PlaygroundProcessTest {
  @TempDir Path dir;

  @Test
  void boundedRun_endsWithEqualTarget_exit0() throws Exception {
    try (ChildJvm playground =
        ChildJvm.of("org.tidbbinlog.playground.Launcher", dir.resolve("playground.log"))
            .args("playground", "--once", "--transactions=600", "--seed=7", "--data-dir=" + dir)
            .start()) {
      assertThat(playground.awaitExit(Duration.ofSeconds(200))).as(playground.output()).isZero();
      assertThat(playground.output()).containsPattern("playground: OK tables=\\d+ rows=\\d+");
    }
  }
}
