package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tidbbinlog.drainer.airlock.OnDdlError;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.filter.Loopback;
import org.tidbbinlog.drainer.schema.UnknownActions;
import org.tidbbinlog.drainer.server.DrainerConfig;
import org.tidbbinlog.drainer.server.DrainerSettings;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Columns;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Detection;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Dispatch;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.OnDivergence;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.SafeMode;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Session;

/**
 * From each key of {@code [syncer]} and {@code [syncer.to]} to what the sink gets: the whole
 * settings are compared, so a key that is lost on the way, or changes another, shows.
 */
class TargetSettingsTest {
  private static final MysqlTargetSettings PLAIN =
      MysqlTargetSettings.of("localhost", 3306, "root", "").withWorkers(16, 20);

  @TempDir Path folder = Path.of("");

  /** A key of a section, and what it changes. */
  private record Key(String section, String line, MysqlTargetSettings expected) {
    String name() {
      return line.substring(0, line.indexOf(' '));
    }

    String file() {
      return "[" + section + "]\n" + line + "\n";
    }
  }

  private static Key syncer(String line, MysqlTargetSettings expected) {
    return new Key("syncer", line, expected);
  }

  private static Key to(String line, MysqlTargetSettings expected) {
    return new Key("syncer.to", line, expected);
  }

  private static Key at(String line, String host, int port, String user, String password) {
    return to(
        line,
        PLAIN.withEndpoint(
            new MysqlTargetSettings.Endpoint(
                host, port, user, password, MysqlTargetSettings.Tls.OFF)));
  }

  private static Session session(String sqlMode, Map<String, String> params, Duration timeout) {
    return new Session(sqlMode, params, timeout);
  }

  static Stream<Key> keysOfTheTarget() {
    Duration minute = Duration.ofMinutes(1);
    return Stream.of(
        syncer("txn-batch = 7", PLAIN.withWorkers(16, 7)),
        syncer("worker-count = 3", PLAIN.withWorkers(3, 20)),
        syncer(
            "disable-dispatch = true",
            PLAIN.withWorkers(1, 20).withDispatch(Dispatch.TRANSACTIONS, Detection.ON)),
        syncer(
            "enable-dispatch = false",
            PLAIN.withWorkers(1, 20).withDispatch(Dispatch.TRANSACTIONS, Detection.ON)),
        syncer("disable-detect = true", PLAIN.withDispatch(Dispatch.ROWS, Detection.OFF)),
        syncer("enable-detect = false", PLAIN.withDispatch(Dispatch.ROWS, Detection.OFF)),
        syncer("safe-mode = true", PLAIN.withModes(SafeMode.ON, Columns.FULL, OnDivergence.WARN)),
        syncer(
            "sql-mode = \"ANSI_QUOTES\"",
            PLAIN.withSession(session("ANSI_QUOTES", Map.of(), minute))),
        syncer("loopback-control = true", PLAIN.withLoopback(Loopback.channel(0))),
        syncer("channel-id = 9\nloopback-control = true", PLAIN.withLoopback(Loopback.channel(9))),
        at("host = \"db\"", "db", 3306, "root", ""),
        at("port = 4000", "localhost", 4000, "root", ""),
        at("user = \"u\"", "localhost", 3306, "u", ""),
        at("password = \"p\"", "localhost", 3306, "root", "p"),
        at(
            "encrypted_password = 'AAECAwQFBgcICQoLDA0OD0BRUu4ZkeYWk4k='",
            "localhost",
            3306,
            "root",
            "p\u00e4ssw0rd"),
        to("sync-mode = 2", PLAIN.withModes(SafeMode.OFF, Columns.PARTIAL, OnDivergence.WARN)),
        to("sync-mode = 1", PLAIN),
        to(
            "on-divergence = \"stop\"",
            PLAIN.withModes(SafeMode.OFF, Columns.FULL, OnDivergence.STOP)),
        to("keep-dropped = \"24h\"", PLAIN.withKeepDropped(Duration.ofHours(24))),
        to(
            "read-timeout = \"9s\"",
            PLAIN.withSession(session("", Map.of(), Duration.ofSeconds(9)))),
        to(
            "params = {a = \"1\", b = \"x\"}",
            PLAIN.withSession(session("", Map.of("a", "1", "b", "x"), minute))),
        new Key(
            "syncer.to.security",
            "ssl-ca = \"a\"\nssl-cert = \"b\"\nssl-key = \"c\"\ncert-allowed-cn = [\"d\"]",
            PLAIN.withEndpoint(
                new MysqlTargetSettings.Endpoint(
                    "localhost",
                    3306,
                    "root",
                    "",
                    new MysqlTargetSettings.Tls("a", "b", "c", List.of("d"))))),
        new Key("syncer.to.checkpoint", "schema = \"cp\"", PLAIN.withLedgerSchema("cp")));
  }

  private DrainerSettings configured(String file) throws IOException {
    Path written = Files.writeString(folder.resolve("drainer.toml"), file);
    return DrainerConfig.parse(List.of("-config", written.toString()), Map.of()).settings();
  }

  @ParameterizedTest
  @MethodSource("keysOfTheTarget")
  void key_reachesTheSink_andChangesNothingElse(Key key) throws IOException {
    assertThat(MysqlTargets.settings(configured(key.file()))).isEqualTo(key.expected);
  }

  @Test
  void noKeyAtAll_isThePlainTarget() throws IOException {
    assertThat(MysqlTargets.settings(configured(""))).isEqualTo(PLAIN);
  }

  @Test
  void passwordFile_isReadForTheSink() throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), "s3\n");
    Key key = to("password-file = '" + secret + "'", PLAIN);
    assertThat(MysqlTargets.settings(configured(key.file())).endpoint().password()).isEqualTo("s3");
  }

  /** A key that another station obeys, and what of the settings shows it. */
  private record Elsewhere(
      String section, String line, Function<DrainerSettings, Object> part, Object expected) {
    String name() {
      return line.substring(0, line.indexOf(' '));
    }
  }

  static Stream<Elsewhere> keysOfOtherStations() {
    Function<DrainerSettings, FilterSettings> filter = settings -> settings.syncer().filter();
    return Stream.of(
        new Elsewhere(
            "syncer",
            "db-type = \"tidb\"",
            s -> s.syncer().destType(),
            DrainerSettings.DestType.TIDB),
        new Elsewhere(
            "syncer", "sync-ddl = false", s -> s.syncer().syncDdl(), DrainerSettings.SyncDdl.SKIP),
        new Elsewhere(
            "syncer",
            "ignore-txn-commit-ts = [5]",
            s -> s.syncer().ignoredCommitTs().toString(),
            "[5]"),
        new Elsewhere(
            "syncer",
            "load-schema-snapshot = true",
            s -> s.syncer().schemaLoad(),
            DrainerSettings.SchemaLoad.SNAPSHOT_ONLY),
        new Elsewhere(
            "syncer",
            "unknown-ddl-action = \"stop\"",
            s -> s.syncer().unknownActions(),
            UnknownActions.STOP),
        new Elsewhere(
            "syncer",
            "ignore-schemas = \"a,b\"",
            s -> Set.copyOf(filter.apply(s).ignoreSchemas()),
            Set.of("a", "b")),
        new Elsewhere(
            "syncer", "replicate-do-db = [\"s1\"]", s -> filter.apply(s).doSchemas().size(), 1),
        new Elsewhere(
            "syncer",
            "case-sensitive = true",
            s -> filter.apply(s).nameCase(),
            FilterSettings.NameCase.COUNTS),
        new Elsewhere(
            "syncer.to", "on-ddl-error = \"stop\"", s -> s.to().onDdlError(), OnDdlError.STOP),
        new Elsewhere("syncer.relay", "log-dir = \"r\"", s -> s.syncer().relay().dir(), "r"),
        new Elsewhere(
            "syncer.relay", "max-file-size = 5", s -> s.syncer().relay().maxFileBytes(), 5L),
        new Elsewhere("syncer.to", "merge = true", MysqlTargets::settings, PLAIN));
  }

  @ParameterizedTest
  @MethodSource("keysOfOtherStations")
  void keyOfAnotherStation_isInTheSettings_andNothingForTheSink(Elsewhere key) throws IOException {
    DrainerSettings settings = configured("[" + key.section + "]\n" + key.line + "\n");
    assertThat(key.part.apply(settings)).isEqualTo(key.expected);
    assertThat(MysqlTargets.settings(settings)).isEqualTo(PLAIN);
  }

  /** Targets that this release does not have; their keys are told as absent elsewhere. */
  private static final Set<String> OF_OTHER_TARGETS =
      Set.of(
          "dir",
          "retention-time",
          "compression",
          "time-limit",
          "size-limit",
          "zookeeper-addrs",
          "kafka-addrs",
          "kafka-version",
          "kafka-max-messages",
          "kafka-max-message-size",
          "kafka-client-id",
          "topic-name",
          "oracle-service-name",
          "oracle-connect-string");

  @Test
  void everyKeyOfTheSampleFile_isInOneOfTheTables() throws IOException {
    Set<String> known = new TreeSet<>(OF_OTHER_TARGETS);
    keysOfTheTarget().map(Key::name).forEach(known::add);
    keysOfOtherStations().map(Elsewhere::name).forEach(known::add);
    known.add("password-file");
    Set<String> unknown = new TreeSet<>();
    String section = "";
    for (String line : Files.readAllLines(Path.of("../conf/drainer.toml"))) {
      String text = line.startsWith("#") ? line.substring(1) : line;
      if (text.matches("\\[.*]")) {
        section = text.replaceAll("[\\[\\]]", "");
      } else if (text.matches("[a-z_-]+ = .*")
          && Set.of("syncer", "syncer.to", "syncer.relay").contains(section)) {
        unknown.add(text.substring(0, text.indexOf(' ')));
      }
    }
    assertThat(unknown).contains("keep-dropped", "worker-count").isSubsetOf(known);
  }
}
