package org.tidbbinlog.testkit.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class ChildJvmTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** What the child runs. */
  static final class Greeter {
    public static void main(String[] args) throws InterruptedException {
      System.out.println("hello port=" + args[0]);
      if (args[0].equals("0")) {
        System.exit(7);
      }
      Thread.sleep(60_000);
    }
  }

  @Test
  void line_printedByChild_isFound(@TempDir Path dir) throws InterruptedException {
    try (ChildJvm child = greeter(dir, "4711")) {
      assertThat(child.awaitLine("port=(\\d+)", LIMIT).group(1)).isEqualTo("4711");
      child.kill9();
      assertThat(child.isAlive()).isFalse();
    }
  }

  @Test
  void childThatEnds_tellsExitCodeAndOutput(@TempDir Path dir) throws InterruptedException {
    try (ChildJvm child = greeter(dir, "0")) {
      assertThat(child.awaitExit(LIMIT)).isEqualTo(7);
      assertThatThrownBy(() -> child.awaitLine("never", LIMIT))
          .hasMessageContaining("hello port=0");
    }
  }

  private ChildJvm greeter(Path dir, String argument) {
    return ChildJvm.of(Greeter.class.getName(), dir.resolve("child.log")).args(argument).start();
  }
}
