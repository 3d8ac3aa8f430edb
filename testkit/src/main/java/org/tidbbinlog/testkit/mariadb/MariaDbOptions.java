package org.tidbbinlog.testkit.mariadb;

import java.util.ArrayList;
import java.util.List;

/**
 * How to run the server.
 *
 * @param port TCP port on 127.0.0.1; 0 chooses a free one, which restarts keep
 * @param arguments further server arguments such as {@code --max-allowed-packet=1M}; later ones win
 */
public record MariaDbOptions(int port, List<String> arguments) {
  public MariaDbOptions {
    arguments = List.copyOf(arguments);
  }

  /** The server's own durability settings. */
  public static MariaDbOptions serverDefaults() {
    return new MariaDbOptions(0, List.of());
  }

  /** Survives a killed server, not a killed machine; small buffers. The choice for tests. */
  public static MariaDbOptions forTests() {
    return new MariaDbOptions(
        0,
        List.of(
            "--innodb-flush-log-at-trx-commit=2",
            "--innodb-buffer-pool-size=128M",
            "--innodb-log-file-size=10M",
            "--performance-schema=OFF"));
  }

  public MariaDbOptions withPort(int newPort) {
    return new MariaDbOptions(newPort, arguments);
  }

  public MariaDbOptions with(String argument) {
    List<String> more = new ArrayList<>(arguments);
    more.add(argument);
    return new MariaDbOptions(port, more);
  }
}
