package org.tidbbinlog.tools.ddl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.base.OperatorException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ddl replace}. */
@Command(
    name = "replace",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Runs other statements in place of the one that is held, as they are written, in the schema"
            + " that the DDL ran in. Several are separated by semicolons. For rows of a missing"
            + " table: all that is still to be run to make it, in place of what was refused.",
    footer = {
      "",
      "Examples:",
      "  tidb-binlog ddl replace 449876543210987654 'ALTER TABLE t ADD INDEX i(v)'",
      "  tidb-binlog ddl replace 449876543210987654 --file mended.sql"
    })
final class ReplaceCommand implements Callable<Integer> {
  @Mixin private Choosing choosing = new Choosing();

  @Parameters(index = "1", arity = "0..1", paramLabel = "STATEMENT", description = "what to run")
  private String statement = "";

  @Option(names = "--file", paramLabel = "FILE", description = "file with what to run")
  private @Nullable Path file;

  @Override
  public Integer call() throws InterruptedException {
    String text = file == null ? statement : read(file);
    if (text.isBlank()) {
      throw new OperatorException("give a STATEMENT or --file FILE");
    }
    return choosing.choose("replace", text.strip());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new OperatorException("file " + file + " cannot be read: " + e, e);
    }
  }
}
