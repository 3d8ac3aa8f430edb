package org.tidbbinlog.testkit.process;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A JVM of its own running one main class with the class path of the caller. Its output goes to a
 * file, which is kept; {@link #close} kills what still runs, so that a failed test leaves nothing.
 *
 * <pre>{@code
 * try (ChildJvm pump = ChildJvm.of("org.tidbbinlog.playground.Launcher", dir.resolve("pump.log"))
 *     .jvm("-Xmx256m").args("pump", "-addr=127.0.0.1:0").start()) {
 *   int port = Integer.parseInt(pump.awaitLine("port=(\\d+)", Duration.ofSeconds(20)).group(1));
 *   pump.kill9();
 * }
 * }</pre>
 */
public final class ChildJvm implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(20);
  private final String mainClass;
  private final Path output;
  private final Process process;

  private ChildJvm(String mainClass, Path output, Process process) {
    this.mainClass = mainClass;
    this.output = output;
    this.process = process;
  }

  /**
   * A child to be; {@code output} receives standard output and standard error, and is emptied at
   * start.
   */
  public static Recipe of(String mainClass, Path output) {
    return new Recipe(mainClass, output);
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Everything the child printed so far. */
  public String output() {
    try {
      return Files.exists(output) ? Files.readString(output) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Blocks until this child's output has a match of {@code regex}; fails when it ends before. */
  public Matcher awaitLine(String regex, Duration limit) throws InterruptedException {
    Pattern pattern = Pattern.compile(regex);
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      boolean alive = isAlive();
      Matcher found = pattern.matcher(output());
      if (found.find()) {
        return found;
      }
      if (!alive || System.nanoTime() > deadline) {
        throw new AssertionError(
            mainClass
                + (alive ? " printed no /" : " ended before printing /")
                + regex
                + "/ in "
                + limit
                + "; it said:\n"
                + output());
      }
      Thread.sleep(POLL.toMillis());
    }
  }

  /** SIGKILL, and waits until the process is gone. */
  public void kill9() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** SIGTERM without waiting. */
  public void terminate() {
    process.destroy();
  }

  /** Waits for the end by itself and answers the exit code. */
  public int awaitExit(Duration limit) throws InterruptedException {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError(mainClass + " still runs after " + limit + ":\n" + output());
    }
    return process.exitValue();
  }

  /** SIGTERM and the exit code. */
  public int stop(Duration limit) throws InterruptedException {
    terminate();
    return awaitExit(limit);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** What to start. */
  public static final class Recipe {
    private static final Path SHELL = Path.of("/bin/sh");
    private final String mainClass;
    private final Path output;
    private boolean deaf;
    private final List<String> jvmArguments = new ArrayList<>();
    private final List<String> arguments = new ArrayList<>();
    private final Map<String, String> environment = new java.util.TreeMap<>();

    private Recipe(String mainClass, Path output) {
      this.mainClass = mainClass;
      this.output = output;
    }

    public Recipe jvm(String... more) {
      jvmArguments.addAll(List.of(more));
      return this;
    }

    public Recipe args(String... more) {
      arguments.addAll(List.of(more));
      return this;
    }

    /**
     * Ctrl-C at the terminal, which reaches every process there, does not end this child; it is
     * left to its parent to do so.
     */
    public Recipe deafToInterrupt() {
      deaf = Files.isExecutable(SHELL);
      return this;
    }

    public Recipe env(String name, String value) {
      environment.put(name, value);
      return this;
    }

    /** Starts the child; its output file is emptied first. */
    public ChildJvm start() {
      List<String> command = new ArrayList<>();
      if (deaf) {
        command.addAll(List.of(SHELL.toString(), "-c", "trap '' INT; exec \"$0\" \"$@\""));
      }
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(jvmArguments);
      command.add("-cp");
      command.add(classPath());
      command.add(mainClass);
      command.addAll(arguments);
      try {
        Files.createDirectories(output.toAbsolutePath().resolveSibling("."));
        Files.deleteIfExists(output);
        ProcessBuilder builder =
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment().putAll(environment);
        return new ChildJvm(mainClass, output, builder.start());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Surefire hides the real class path in a manifest jar and tells it in a property. */
    private static String classPath() {
      String surefire = System.getProperty("surefire.test.class.path", "");
      return surefire.isEmpty() ? System.getProperty("java.class.path") : surefire;
    }
  }

  /** The file the child's output goes to. */
  public File outputFile() {
    return output.toFile();
  }
}
