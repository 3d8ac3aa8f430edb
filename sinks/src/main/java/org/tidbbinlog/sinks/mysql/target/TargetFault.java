package org.tidbbinlog.sinks.mysql.target;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What an error of the target asks for. Source: mysql-translate section 7. */
public enum TargetFault {
  /** The connection is gone or was not made; what was sent may have been executed. */
  CONNECTION,
  /** Lock waits, deadlocks, write conflicts: the transaction is rolled back; try again. */
  CONTENTION,
  /** A row with this key is there already. */
  DUPLICATE_KEY,
  /** A column that must not be NULL was given NULL: how the ledger's guard speaks. */
  NULL_IN_NOT_NULL,
  /** More bytes than the server takes at once. */
  PACKET_TOO_LARGE,
  /** Database, table or column not as expected: the known structure may be stale. */
  STRUCTURE,
  /** The server refuses writes for now or for good. */
  READ_ONLY,
  /** The target's disk, its quota or the table is full: somebody has to make room. */
  FULL,
  /** User, password or privilege. */
  ACCESS,
  /**
   * What no correct statement of ours is answered with, whatever the table is like. Only a trigger
   * of the target says the same of its own statements.
   */
  BUG,
  /** Anything else: the same statement will fail again. */
  OTHER;

  private static final Set<Integer> CONNECTION_CODES =
      Set.of(
          1040, 1047, 1053, 1077, 1078, 1079, 1129, 1152, 1154, 1156, 1157, 1158, 1159, 1160, 1161,
          1184, 1203, 1317, 1927, 1969, 2002, 2003, 2006, 2013, 2055, 3024, 4031);
  private static final Set<Integer> CONTENTION_CODES =
      Set.of(
          1020, 1205, 1213, 1614, 1637, 3572, 8002, 8005, 8022, 8027, 8028, 9001, 9002, 9003, 9004,
          9005, 9006, 9007, 9008, 9010, 9011);

  /** No room for a row, a file, a table; and of the server's files: write error, disk full. */
  private static final Set<Integer> FULL_CODES = Set.of(1021, 1026, 1114, 3, 20);

  /** Errors that pass on what the system or the engine said, in words. */
  private static final Set<Integer> PASSED_ON_CODES =
      Set.of(1004, 1005, 1006, 1023, 1024, 1025, 1030, 1105, 1296);

  /** Error number 28 of the system, and 122 of a quota. */
  private static final Pattern NO_ROOM =
      Pattern.compile(
          "no space left on device|disk quota exceeded|\\b(errno|error):? (28|122)\\b|disk full",
          Pattern.CASE_INSENSITIVE);

  /** TiDB has no number for what ends a statement from outside: a kill, or a store that is gone. */
  private static final int TIDB_UNNUMBERED = 1105;

  private static final Pattern ENDED_FROM_OUTSIDE =
      Pattern.compile(
          "context (canceled|deadline exceeded)|code = (canceled|deadlineexceeded|unavailable)"
              + "|connection (refused|reset|error)|loss connection|broken pipe|\\bEOF\\b",
          Pattern.CASE_INSENSITIVE);

  private static final Set<Integer> ACCESS_CODES =
      Set.of(1044, 1045, 1130, 1142, 1143, 1227, 1251, 1370, 1396, 1410, 1524, 1698, 1820, 1862);

  /**
   * Syntax (1064, 1065, 1149, 1382), counts of columns and values (1058, 1136, 1241), a name given
   * twice (1066, 1110), wrong arguments (1210), variables and prepared statements that are not
   * there (1243, 1327), and a packet that came whole and makes no sense (1835): we write full
   * column lists, and no variables. Packets that the network spoiled have other numbers (1156 to
   * 1161), and 1047 is how a Galera node says that it is not ready.
   */
  private static final Set<Integer> BUG_CODES =
      Set.of(1058, 1064, 1065, 1066, 1110, 1136, 1149, 1210, 1241, 1243, 1327, 1382, 1835);

  public static TargetFault of(SQLException error) {
    int code = error.getErrorCode();
    if (BUG_CODES.contains(code)) {
      return BUG;
    }
    if (ACCESS_CODES.contains(code)) {
      return ACCESS;
    }
    if (CONTENTION_CODES.contains(code)) {
      return CONTENTION;
    }
    if (FULL_CODES.contains(code)) {
      return FULL;
    }
    return switch (code) {
      case 1062, 1586 -> DUPLICATE_KEY;
      case 1048 -> NULL_IN_NOT_NULL;
      case 1153, 1162, 1301 -> PACKET_TOO_LARGE;
      case 1049, 1051, 1054, 1146, 1932 -> STRUCTURE;
      case 1290, 1792, 1836, 3989 -> READ_ONLY;
      default -> byState(error, code);
    };
  }

  private static TargetFault byState(SQLException error, int code) {
    String text = Optional.ofNullable(error.getMessage()).orElse("");
    if (text.contains("max_allowed_packet")) {
      return PACKET_TOO_LARGE;
    }
    if (PASSED_ON_CODES.contains(code) && NO_ROOM.matcher(text).find()) {
      return FULL;
    }
    String state = Optional.ofNullable(error.getSQLState()).orElse("");
    boolean connection =
        (code == TIDB_UNNUMBERED && ENDED_FROM_OUTSIDE.matcher(text).find())
            || CONNECTION_CODES.contains(code)
            || state.startsWith("08")
            || error instanceof SQLNonTransientConnectionException
            || (code == 0 && state.isEmpty());
    return connection ? CONNECTION : OTHER;
  }

  /** The same statement may succeed later. */
  public boolean isPassing() {
    return this == CONNECTION || this == CONTENTION || this == READ_ONLY || this == FULL;
  }

  /** What the operator can do about it, as the end of a line; may be empty. */
  public String wayOut() {
    return switch (this) {
      case ACCESS -> "; check user, password and privileges in [syncer.to]";
      case CONNECTION -> "; check host and port in [syncer.to], and that the server is up";
      case FULL ->
          "; the target's disk or table is full: make room there, then start again; nothing is"
              + " lost, all that is not applied yet comes again";
      case CONTENTION ->
          "; others hold the rows or the target is too busy: find who, then start again; nothing is"
              + " lost, all that is not applied yet comes again";
      case READ_ONLY ->
          "; the target takes no writes: make it writable, or name the writable server in"
              + " [syncer.to]; nothing is lost, all that is not applied yet comes again";
      case BUG -> "; this is a fault of the Drainer: keep its log and report it";
      default -> "";
    };
  }

  /** One line, without the statement's text or the driver's decoration. */
  public static String brief(SQLException error) {
    String text = Optional.ofNullable(error.getMessage()).orElse(error.toString());
    String line = text.lines().findFirst().orElse("").strip();
    String bare = line.replaceFirst("^\\(conn=-?\\d+\\) ", "");
    String shortened = bare.length() > 300 ? bare.substring(0, 300) + "..." : bare;
    return error.getErrorCode() == 0 ? shortened : error.getErrorCode() + " " + shortened;
  }
}
