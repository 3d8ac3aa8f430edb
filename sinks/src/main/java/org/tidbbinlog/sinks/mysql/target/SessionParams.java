package org.tidbbinlog.sinks.mysql.target;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.tidbbinlog.base.OperatorException;

/**
 * What {@code syncer.to.params} may hold: session variables of the target. Words of the original's
 * driver are none, and some variables are the Drainer's own. Source: drainer section 2.3.
 */
final class SessionParams {
  private static final Set<String> OURS =
      Set.of(
          "autocommit",
          "character_set_client",
          "character_set_connection",
          "character_set_results",
          "collation_connection");

  /** In lower case. */
  private static final Set<String> DRIVER_WORDS =
      Set.of(
          "allowallfiles",
          "allowcleartextpasswords",
          "allowfallbacktoplaintext",
          "allownativepasswords",
          "allowoldpasswords",
          "charset",
          "checkconnliveness",
          "clientfoundrows",
          "collation",
          "columnswithalias",
          "connectionattributes",
          "interpolateparams",
          "loc",
          "maxallowedpacket",
          "multistatements",
          "parsetime",
          "rejectreadonly",
          "serverpubkey",
          "timeout",
          "writetimeout");

  private SessionParams() {}

  /**
   * @throws OperatorException naming the first that cannot be set, and what to do
   */
  static void requireSettable(Map<String, String> params) {
    for (String name : params.keySet()) {
      String lower = name.toLowerCase(Locale.ROOT);
      switch (lower) {
        case "sql_mode" -> throw refused(name, "set syncer.sql-mode");
        case "readtimeout" -> throw refused(name, "set syncer.to.read-timeout");
        case "tls" -> throw refused(name, "set [syncer.to.security]");
        default -> {
          if (OURS.contains(lower)) {
            throw refused(name, "the Drainer sets it to what it needs; leave it out");
          }
          if (DRIVER_WORDS.contains(lower)) {
            throw refused(
                name, "it is a word of Go's driver, not a session variable; leave it out");
          }
        }
      }
    }
  }

  private static OperatorException refused(String name, String way) {
    return new OperatorException("syncer.to.params: " + name + " cannot be set here: " + way);
  }
}
