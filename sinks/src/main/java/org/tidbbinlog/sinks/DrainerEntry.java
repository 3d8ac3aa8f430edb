package org.tidbbinlog.sinks;

import java.util.Map;
import org.tidbbinlog.drainer.server.DrainerMain;
import org.tidbbinlog.drainer.server.DrainerSettings;
import org.tidbbinlog.drainer.sink.SinkFactory;
import org.tidbbinlog.node.metrics.Metrics;
import org.tidbbinlog.sinks.mysql.MysqlTargets;

/** Entry point of the {@code drainer} command: the Drainer with every target there is. */
public final class DrainerEntry {
  private DrainerEntry() {}

  /** Runs a Drainer until it is told to stop; answers the exit code. */
  public static int run(String[] arguments) {
    return DrainerMain.run(arguments, DrainerEntry::sinks);
  }

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  private static Map<DrainerSettings.DestType, SinkFactory<DrainerSettings>> sinks(
      Metrics metrics) {
    MysqlTargets databases = new MysqlTargets(metrics);
    return Map.of(
        DrainerSettings.DestType.MYSQL, databases, DrainerSettings.DestType.TIDB, databases);
  }
}
