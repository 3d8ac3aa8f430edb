package org.tidbbinlog.sinks.mysql.target;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which server answers, from {@code version()}: {@code 11.4.5-MariaDB}, {@code 8.0.36}, {@code
 * 8.0.11-TiDB-v7.5.1}.
 */
public record Dialect(Family family, int major, int minor, int patch, String version) {
  /** Servers that speak the protocol. */
  public enum Family {
    MARIADB,
    MYSQL,
    TIDB
  }

  private static final Pattern NUMBERS = Pattern.compile("(\\d+)\\.(\\d+)(?:\\.(\\d+))?");

  public static Dialect of(String version) {
    String lower = version.toLowerCase(Locale.ROOT);
    int tidb = lower.indexOf("tidb");
    Family family =
        tidb >= 0 ? Family.TIDB : lower.contains("mariadb") ? Family.MARIADB : Family.MYSQL;
    // Old MariaDB servers put 5.5.5- before their version to please old clients.
    String numbers = lower.startsWith("5.5.5-") ? version.substring(6) : version;
    Matcher matcher = NUMBERS.matcher(tidb >= 0 ? version.substring(tidb) : numbers);
    return matcher.find()
        ? new Dialect(family, number(matcher, 1), number(matcher, 2), number(matcher, 3), version)
        : new Dialect(family, 0, 0, 0, version);
  }

  private static int number(Matcher matcher, int group) {
    String digits = matcher.group(group);
    return digits == null ? 0 : Integer.parseInt(digits);
  }

  public boolean isMariaDb() {
    return family == Family.MARIADB;
  }

  public boolean isTiDb() {
    return family == Family.TIDB;
  }

  public boolean isAtLeast(int wantedMajor, int wantedMinor) {
    return major > wantedMajor || (major == wantedMajor && minor >= wantedMinor);
  }

  /** MySQL itself of an older version; never TiDB, which gives a MySQL version before its own. */
  public boolean isMySqlBefore(int wantedMajor, int wantedMinor, int wantedPatch) {
    boolean sameMinor = major == wantedMajor && minor == wantedMinor;
    return family == Family.MYSQL
        && (sameMinor ? patch < wantedPatch : !isAtLeast(wantedMajor, wantedMinor));
  }
}
