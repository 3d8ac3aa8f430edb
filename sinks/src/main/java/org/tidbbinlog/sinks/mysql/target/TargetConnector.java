package org.tidbbinlog.sinks.mysql.target;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.mariadb.jdbc.Driver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings;
import org.tidbbinlog.sinks.mysql.rows.SqlText;

/**
 * Opens sessions that take every value upstream could hold: UTC, no foreign keys, zero dates, zero
 * in auto-increment columns. What the target can do is found out once, with a trial connection.
 * Thread-safe. Source: mysql-translate section 1.
 */
public final class TargetConnector {
  private static final Logger LOG = LoggerFactory.getLogger(TargetConnector.class);

  /** Strict, so that a value that does not fit is an error and not another value. */
  public static final String STRICT_MODE =
      "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,"
          + "NO_ENGINE_SUBSTITUTION";

  /** For the few values that strict mode refuses although upstream holds them. */
  public static final String LENIENT_MODE =
      "NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION";

  private static final String TIME_ZONE = "time_zone";
  private static final String UTC = TIME_ZONE + "='+00:00'";
  private static final int UNKNOWN_VARIABLE = 1193;
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  /** After so long without an answer to the system's probes the other side is gone. */
  private static final Map<String, String> KEEP_ALIVE_SECONDS =
      Map.of("tcpKeepIdle", "60", "tcpKeepInterval", "15", "tcpKeepCount", "4");

  /**
   * Set when the target knows them. The server ends connections whose client is gone, with their
   * locks, after minutes. Source: mysql-translate section 1.
   */
  private static final List<String> PROBED =
      List.of(
          "allow_auto_random_explicit_insert=1",
          "tidb_txn_mode='optimistic'",
          "tidb_placement_mode='ignore'",
          "explicit_defaults_for_timestamp=1",
          "innodb_strict_mode=0",
          "check_constraint_checks=0",
          "max_statement_time=0",
          "wait_timeout=180",
          "net_read_timeout=180",
          "net_write_timeout=600");

  private final MysqlTargetSettings settings;
  private final Dialect dialect;
  private final String sessionSetup;
  private final long maxAllowedPacket;
  private final NameCase nameCase;
  private final Duration waitTimeout;

  /** Whether the target tells {@code T} from {@code t} in names of tables. */
  public enum NameCase {
    SENSITIVE,
    INSENSITIVE
  }

  private TargetConnector(
      MysqlTargetSettings settings,
      Dialect dialect,
      String sessionSetup,
      long maxAllowedPacket,
      NameCase nameCase,
      Duration waitTimeout) {
    this.settings = settings;
    this.dialect = dialect;
    this.sessionSetup = sessionSetup;
    this.maxAllowedPacket = maxAllowedPacket;
    this.nameCase = nameCase;
    this.waitTimeout = waitTimeout;
  }

  /**
   * Makes the trial connection.
   *
   * @throws OperatorException when the target cannot be reached or refuses us
   */
  public static TargetConnector probe(MysqlTargetSettings settings) {
    SessionParams.requireSettable(settings.session().params());
    try (SqlSession trial = new SqlSession(connect(settings, settings.session().readTimeout()))) {
      Dialect dialect = Dialect.of(trial.query("select version()").get(0).get(0));
      List<String> row =
          trial.query("select @@max_allowed_packet, @@lower_case_table_names").get(0);
      NameCase nameCase = row.get(1).equals("0") ? NameCase.SENSITIVE : NameCase.INSENSITIVE;
      String setup = sessionSetup(trial, settings, dialect);
      LOG.atInfo()
          .addKeyValue("target", settings.endpoint())
          .addKeyValue("version", dialect.version())
          .addKeyValue("dialect", dialect.family())
          .log("target probed");
      Duration wait =
          Duration.ofSeconds(
              Long.parseLong(trial.query("select @@session.wait_timeout").get(0).get(0)));
      return new TargetConnector(
          settings, dialect, setup, Long.parseLong(row.get(0)), nameCase, wait);
    } catch (SQLException e) {
      throw refused(settings, e);
    }
  }

  public Dialect dialect() {
    return dialect;
  }

  /** Bytes of one packet the server takes. */
  public long maxAllowedPacket() {
    return maxAllowedPacket;
  }

  public NameCase nameCase() {
    return nameCase;
  }

  public MysqlTargetSettings settings() {
    return settings;
  }

  /** The server ends a session that says nothing for so long. */
  public Duration waitTimeout() {
    return waitTimeout;
  }

  /** A session for rows and the ledger. */
  public SqlSession open() throws SQLException {
    return open(settings.session().readTimeout(), STRICT_MODE);
  }

  /** A session for DDL: no read timeout, since a timed-out DDL runs on unseen. */
  public SqlSession openForDdl() throws SQLException {
    String wanted = settings.session().sqlMode();
    return open(Duration.ZERO, wanted.isEmpty() ? LENIENT_MODE : forColumns(wanted));
  }

  /**
   * The zone of a DDL whose own is not known, as SQL: {@code params.time_zone}, else the target's.
   */
  public String zoneOfDdl() {
    return settings.session().params().entrySet().stream()
        .filter(param -> param.getKey().equalsIgnoreCase(TIME_ZONE))
        .findFirst()
        .map(param -> SqlText.string(param.getValue()))
        .orElse("default");
  }

  /** With partial columns the configured mode is taken without its strictness about rows. */
  private String forColumns(String sqlMode) {
    if (settings.apply().columns() == MysqlTargetSettings.Columns.FULL) {
      return sqlMode;
    }
    return Arrays.stream(sqlMode.split(",", -1))
        .filter(word -> !word.strip().equalsIgnoreCase("STRICT_TRANS_TABLES"))
        .collect(Collectors.joining(","));
  }

  private SqlSession open(Duration readTimeout, String sqlMode) throws SQLException {
    SqlSession session = new SqlSession(connect(settings, readTimeout));
    try {
      session.executeAll(sessionSetup + ";set session sql_mode=" + SqlText.string(sqlMode));
      return session;
    } catch (SQLException e) {
      session.close();
      throw e;
    }
  }

  private static Connection connect(MysqlTargetSettings settings, Duration readTimeout)
      throws SQLException {
    MysqlTargetSettings.Endpoint at = settings.endpoint();
    Properties properties = new Properties();
    properties.setProperty("user", at.user());
    properties.setProperty("password", at.password());
    TlsProperties.add(properties, at.tls());
    properties.setProperty("allowMultiQueries", "true");
    properties.setProperty("useServerPrepStmts", "false");
    properties.setProperty("tcpKeepAlive", "true");
    KEEP_ALIVE_SECONDS.forEach(properties::setProperty);
    properties.setProperty("allowPublicKeyRetrieval", "true");
    properties.setProperty("connectTimeout", Long.toString(CONNECT_TIMEOUT.toMillis()));
    properties.setProperty("socketTimeout", Long.toString(readTimeout.toMillis()));
    String host = at.host().contains(":") ? "[" + at.host() + "]" : at.host();
    Connection made =
        new Driver().connect("jdbc:mariadb://" + host + ":" + at.port() + "/", properties);
    if (made == null) {
      throw new SQLException("the driver refused the address " + host + ":" + at.port());
    }
    return made;
  }

  private static String sessionSetup(
      SqlSession trial, MysqlTargetSettings settings, Dialect dialect) throws SQLException {
    List<String> set = new ArrayList<>();
    set.add("names utf8mb4");
    set.add(UTC);
    set.add("foreign_key_checks=0");
    for (String variable : PROBED) {
      try {
        trial.execute("set session " + variable);
        set.add("session " + variable);
      } catch (SQLException e) {
        // Not known here, or not ours to set: the session does without.
        if (e.getErrorCode() != UNKNOWN_VARIABLE && TargetFault.of(e) == TargetFault.CONNECTION) {
          throw e;
        }
      }
    }
    for (Map.Entry<String, String> param : new TreeMap<>(settings.session().params()).entrySet()) {
      boolean zone = param.getKey().equalsIgnoreCase(TIME_ZONE);
      String assignment = "session " + SqlText.name(param.getKey()) + "=" + value(param.getValue());
      try {
        trial.execute("set " + assignment);
      } catch (SQLException e) {
        throw new OperatorException(
            "syncer.to.params: "
                + param.getKey()
                + "="
                + param.getValue()
                + " is refused by the target: "
                + TargetFault.brief(e),
            e);
      }
      if (zone) {
        trial.execute("set session " + UTC); // Values are sent in UTC: it is for DDL alone.
      } else {
        set.add(assignment);
      }
    }
    if (isReadCommittedSafe(trial, dialect)) {
      set.add("session transaction isolation level read committed");
    }
    return "set " + String.join(";set ", set);
  }

  /** Fewer gap locks, fewer deadlocks; but a statement-based log of the target forbids it. */
  private static boolean isReadCommittedSafe(SqlSession trial, Dialect dialect)
      throws SQLException {
    if (dialect.isTiDb()) {
      return false;
    }
    try {
      return !trial.query("select @@binlog_format").get(0).get(0).equalsIgnoreCase("STATEMENT");
    } catch (SQLException e) {
      if (e.getErrorCode() == UNKNOWN_VARIABLE) {
        return true;
      }
      throw e;
    }
  }

  private static String value(String text) {
    return text.matches("-?\\d+(\\.\\d+)?") ? text : SqlText.string(text);
  }

  /** One line for the operator, about a target that cannot be used. */
  public static OperatorException refused(MysqlTargetSettings settings, SQLException error) {
    return new OperatorException(
        "target "
            + settings.endpoint()
            + ": "
            + TargetFault.brief(error)
            + TargetFault.of(error).wayOut(),
        error);
  }
}
