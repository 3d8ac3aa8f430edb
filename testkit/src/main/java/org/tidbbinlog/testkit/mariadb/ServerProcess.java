package org.tidbbinlog.testkit.mariadb;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tidbbinlog.base.OperatorException;

/** Command lines of the server program, and what its log says when it does not start. */
final class ServerProcess {
  private static final Pattern MISSING_LIBRARY =
      Pattern.compile("error while loading shared libraries: ([^:\\s]+)");

  private ServerProcess() {}

  /**
   * A starting server deletes every temporary table in its folder for temporary files, also those
   * of another server that runs there: each gets a folder of its own, beside its data (a folder
   * inside would be a database).
   */
  static List<String> commonArguments(ServerFiles files, Path dataDir) throws IOException {
    Path temporary = dataDir.resolveSibling(dataDir.getFileName() + ".tmp");
    Files.createDirectories(temporary);
    List<String> arguments = new ArrayList<>();
    arguments.add(files.server().toString());
    arguments.add("--no-defaults");
    arguments.add("--datadir=" + dataDir);
    arguments.add("--tmpdir=" + temporary);
    arguments.add("--lc-messages-dir=" + files.shareDir());
    arguments.add("--character-sets-dir=" + files.shareDir().resolve("charsets"));
    if (System.getProperty("user.name", "").equals("root")) {
      arguments.add("--user=root");
    }
    return arguments;
  }

  /** A data directory with the system tables and {@code root} without a password. */
  static void bootstrap(ServerFiles files, Path dataDir) throws IOException {
    Path log = Files.createTempFile("mariadb-bootstrap", ".log");
    List<String> command = commonArguments(files, dataDir);
    command.addAll(
        List.of("--bootstrap", "--innodb-log-file-size=10M", "--innodb-buffer-pool-size=32M"));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .redirectInput(ProcessBuilder.Redirect.PIPE)
            .start();
    try (var input = process.getOutputStream()) {
      input.write(
          "create database mysql;\nuse mysql;\nset @auth_root_socket=NULL;\n"
              .getBytes(StandardCharsets.UTF_8));
      for (String script :
          List.of("system_tables.sql", "performance_tables.sql", "system_tables_data.sql")) {
        Files.copy(files.script(script), input);
        input.write('\n');
      }
    } catch (IOException brokenPipe) {
      throw notStarted("bootstrap", log);
    }
    try {
      if (!process.waitFor(2, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new OperatorException("MariaDB's bootstrap took more than two minutes; see " + log);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while making a MariaDB data directory", e);
    }
    if (process.exitValue() != 0) {
      throw notStarted("bootstrap", log);
    }
    Files.delete(log);
  }

  /** One line for the operator: the library that is missing, or the end of the log. */
  static OperatorException notStarted(String what, Path log) throws IOException {
    String text = Files.exists(log) ? Files.readString(log, StandardCharsets.ISO_8859_1) : "";
    Matcher missing = MISSING_LIBRARY.matcher(text);
    if (missing.find()) {
      return new OperatorException(
          "MariaDB "
              + what
              + " failed: shared library "
              + missing.group(1)
              + " is missing; install libcrypt1, libsystemd0 and libstdc++6, or a MariaDB server of"
              + " the system");
    }
    List<String> lines =
        text.lines().filter(line -> line.contains("ERROR")).limit(3).map(String::strip).toList();
    return new OperatorException(
        "MariaDB "
            + what
            + " failed: "
            + (lines.isEmpty() ? "nothing in the log" : String.join(" | ", lines))
            + "; log "
            + log);
  }
}
