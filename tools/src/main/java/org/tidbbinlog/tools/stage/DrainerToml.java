package org.tidbbinlog.tools.stage;

import java.util.List;
import org.tidbbinlog.tools.compare.TargetAddress;

/** The configuration file of a Drainer that is started to be watched: where it writes to. */
public final class DrainerToml {
  private DrainerToml() {}

  /**
   * @param syncer more lines of the table {@code [syncer]}
   */
  public static String writingTo(TargetAddress target, List<String> syncer) {
    return """
        detect-interval = 1
        [syncer]
        db-type = "mysql"
        %s
        [syncer.to]
        host = "%s"
        port = %d
        user = "%s"
        password = "%s"
        """
        .formatted(
            String.join("\n", syncer),
            target.host(),
            target.port(),
            quoted(target.user()),
            quoted(target.password()));
  }

  private static String quoted(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }
}
