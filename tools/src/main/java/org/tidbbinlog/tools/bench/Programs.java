package org.tidbbinlog.tools.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How a program of ours is started as users start it. */
public final class Programs {
  private static final String LAUNCHER = "org.tidbbinlog.playground.Launcher";

  private Programs() {}

  /** {@code bin/tidb-binlog COMMAND}; without a launcher (in a test) this process's class path. */
  public static List<String> command(String name) {
    String home = System.getProperty("tidb-binlog.home", "");
    List<String> command =
        new ArrayList<>(
            home.isEmpty()
                ? List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")),
                    LAUNCHER)
                : List.of(Path.of(home, "bin", "tidb-binlog").toString()));
    command.add(name);
    return command;
  }

  /** A builder for it, with JVM flags instead of the launcher's own unless they are empty. */
  public static ProcessBuilder builder(List<String> command, String javaOptions) {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("TIDB_BINLOG_NO_BUILD", "1");
    builder.environment().remove("TIDB_BINLOG_JAVA_OPTS"); // those are for this process
    if (!javaOptions.isEmpty()) {
      builder.environment().put("TIDB_BINLOG_JAVA_OPTS", javaOptions);
    }
    return builder;
  }
}
