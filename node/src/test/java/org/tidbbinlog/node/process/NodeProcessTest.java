package org.tidbbinlog.node.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.node.config.Settings;

/** Signals need a process of their own. */
@Timeout(60)
class NodeProcessTest {
  /** The child: waits for the stop, takes its time, ends with 7. */
  static final class Child {
    public static void main(String[] arguments) throws InterruptedException {
      NodeProcess process = NodeProcess.begin("child");
      System.out.println("up");
      if (arguments.length > 0) {
        process.requestStop(StopReason.valueOf(arguments[0]));
      }
      StopReason why = process.awaitStop();
      Thread.sleep(300);
      System.out.println("stopped by " + why);
      System.exit(process.end(7));
    }
  }

  /** Starts for ever: reacts to the interrupt with code 3, or never. */
  static final class StartingChild {
    public static void main(String[] arguments) {
      NodeProcess process = NodeProcess.begin("child");
      process.beginStart(() -> System.out.println("left"));
      System.out.println("up");
      while (true) {
        try {
          Thread.sleep(60_000);
        } catch (InterruptedException e) {
          if (arguments.length == 0) {
            process.endStart();
            System.exit(process.end(3));
          }
        }
      }
    }
  }

  /** A thread of it dies of an error, before or after somebody asked for the stop. */
  static final class DyingChild {
    public static void main(String[] arguments) throws InterruptedException {
      NodeProcess process = NodeProcess.begin("child");
      LastResort.forAllThreadsOf(process);
      if (arguments.length > 0) {
        process.requestStop(StopReason.valueOf(arguments[0]));
      }
      Thread thread =
          new Thread(
              () -> {
                throw new NoClassDefFoundError("a/Part");
              },
              "child-part-0");
      thread.start();
      thread.join();
      process.awaitStop();
      System.exit(process.end(7));
    }
  }

  @Test
  void threadThatDies_endsTheProcess_andIsNamed() throws Exception {
    Process child = start(DyingChild.class);
    String out = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).isEqualTo(1);
    assertThat(out).contains("[FATAL]").contains("child-part-0").contains("a/Part");
  }

  @Test
  void threadThatDies_whileTheProcessStops_leavesTheCodeToMain() throws Exception {
    Process child = start(DyingChild.class, "PAUSE");
    String out = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).isEqualTo(7);
    assertThat(out).contains("[WARN]").contains("child-part-0");
  }

  @Test
  void signal_whileStarting_interruptsTheStart() throws Exception {
    Process child = start(StartingChild.class);
    assertThat(afterTerm(child)).doesNotContain("left");
    assertThat(child.exitValue()).isEqualTo(3);
  }

  @Test
  void signal_toAStartThatDoesNotReact_leavesAndEndsAllTheSame() throws Exception {
    Process child = start(StartingChild.class, "deaf");
    assertThat(afterTerm(child)).contains("start did not end").contains("left");
    assertThat(child.exitValue()).isEqualTo(1);
  }

  private static String afterTerm(Process child) throws Exception {
    var out = child.inputReader();
    String line = out.readLine();
    while (line != null && !line.equals("up")) {
      line = out.readLine();
    }
    new ProcessBuilder("kill", "-TERM", Long.toString(child.pid())).start().waitFor();
    StringBuilder all = new StringBuilder();
    for (line = out.readLine(); line != null; line = out.readLine()) {
      all.append(line).append('\n');
    }
    assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return all.toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT", "HUP"})
  void signal_orderlyStop_codeOfMain(String signal) throws Exception {
    Process child = start();
    var out = child.inputReader();
    String line = out.readLine();
    while (line != null && !line.equals("up")) {
      line = out.readLine();
    }
    for (int i = 0; i < 2; i++) { // the second changes nothing
      new ProcessBuilder("kill", "-" + signal, Long.toString(child.pid())).start().waitFor();
    }
    StringBuilder all = new StringBuilder();
    for (line = out.readLine(); line != null; line = out.readLine()) {
      all.append(line).append('\n');
    }
    assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(all.toString()).contains("stopped by SIGNAL").contains("[\"child exit\"]");
    assertThat(child.exitValue()).isEqualTo(7);
  }

  @Test
  void request_orderlyStop_codeOfMain() throws Exception {
    Process child = start("PAUSE");
    String out = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).isEqualTo(7);
    assertThat(out).contains("stopped by PAUSE");
  }

  @Test
  void guard_turnsWhatIsThrownIntoCodes() {
    Settings settings = Settings.command("x", "").build();
    assertThat(code(() -> 5)).isEqualTo(5);
    assertThat(code(() -> settings.parse(List.of("-bogus"), Map.of()).hashCode())).isEqualTo(2);
    assertThat(code(() -> settings.parse(List.of("-h"), Map.of()).hashCode())).isZero();
    assertThat(
            code(
                () -> {
                  throw new OperatorException("no", 3);
                }))
        .isEqualTo(3);
    assertThat(
            code(
                () -> {
                  throw new IOException("bug");
                }))
        .isEqualTo(1);
  }

  private static int code(NodeProcess.Body body) {
    return NodeProcess.guard("running failed", body);
  }

  private static Process start(String... arguments) throws IOException {
    return start(Child.class, arguments);
  }

  private static Process start(Class<?> main, String... arguments) throws IOException {
    // A test run in the background inherits ignored signals, and a JVM keeps ignoring them.
    ProcessBuilder builder =
        new ProcessBuilder(
            "env",
            "--default-signal=HUP,INT,TERM",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            main.getName());
    builder.command().addAll(List.of(arguments));
    return builder.redirectErrorStream(true).start();
  }
}
