package org.tidbbinlog.sinks.mysql;

import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.tidbbinlog.testkit.mariadb.MariaDb;
import org.tidbbinlog.testkit.mariadb.MariaDbOptions;

/** A MariaDB for the tests of one class, which kill it or look into its logs. */
final class OwnServer implements BeforeAllCallback, AfterAllCallback {
  private final Supplier<Path> directory;
  private final MariaDbOptions options;
  private @Nullable MariaDb started;

  /**
   * @param directory the class's temporary one, which is not there yet when the field is made
   */
  OwnServer(Supplier<Path> directory, MariaDbOptions options) {
    this.directory = directory;
    this.options = options;
  }

  OwnServer(Supplier<Path> directory) {
    this(directory, MariaDbOptions.forTests());
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    started = MariaDb.start(directory.get().resolve("data"), options);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    process().close();
  }

  MariaDb process() {
    return Objects.requireNonNull(started);
  }

  int port() {
    return process().port();
  }

  TargetServer target() {
    return TargetServer.of(process());
  }
}
