package org.tidbbinlog.sinks;

import java.util.Map;
import org.tidbbinlog.drainer.server.DrainerMain;
import org.tidbbinlog.drainer.server.DrainerSettings.DestType;
import org.tidbbinlog.sinks.mysql.MysqlTargets;

/** Entry point of the {@code drainer} command. */
public final class DrainerEntry {
  private DrainerEntry() {}

  /** Runs a Drainer until it is told to stop; answers the exit code. */
  public static int run(String[] arguments) {
    return DrainerMain.run(
        arguments,
        metrics -> {
          MysqlTargets databases = new MysqlTargets(metrics);
          return Map.of(DestType.MYSQL, databases, DestType.TIDB, databases);
        });
  }

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }
}
