package org.tidbbinlog.sinks;

import java.util.Map;
import org.tidbbinlog.drainer.server.DrainerMain;

/** Entry point of the {@code drainer} command. */
public final class DrainerEntry {
  private DrainerEntry() {}

  /** Runs a Drainer until it is told to stop; answers the exit code. */
  public static int run(String[] arguments) {
    return DrainerMain.run(arguments, metrics -> Map.of());
  }

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }
}
