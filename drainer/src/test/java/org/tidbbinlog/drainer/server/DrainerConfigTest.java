package org.tidbbinlog.drainer.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.drainer.filter.BinlogFilter;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.filter.TableRoutes;
import org.tidbbinlog.drainer.schema.UnknownActions;
import org.tidbbinlog.drainer.server.DrainerSettings.DestType;
import org.tidbbinlog.drainer.server.DrainerSettings.Dispatch;
import org.tidbbinlog.node.config.CommandExit;
import org.tidbbinlog.node.config.PasswordCipher;

/** Command line, environment and file of the drainer, as operators write them. */
class DrainerConfigTest {
  private final Path folder;

  DrainerConfigTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  @DisplayName("drainer fact 1: a PD url without scheme is a startup error")
  void pdUrls_withoutScheme_refused() {
    assertRefused("parse EtcdURLs error", "-pd-urls", "127.0.0.1:2379");
  }

  @Test
  @DisplayName(
      "drainer fact 2: unknown keys, empty names and unknown compressors are startup errors")
  void file_wrongKeysAndValues_refused() {
    assertFileRefused("unknown configuration options: syncer.nonsense", "[syncer]\nnonsense = 1");
    assertFileRefused("syncer.nonsense at line 2, column 1", "[syncer]\nnonsense = 1");
    assertFileRefused("ignore-schemas has an empty element", "[syncer]\nignore-schemas = 'a,,c'");
    assertFileRefused("compressor is \"x\"", "compressor = 'x'");
    assertFileRefused("unknown db-type \"db2\"", "[syncer]\ndb-type = 'db2'");
    assertFileRefused(
        "db-name and tbl-name must both be given", "[[syncer.ignore-table]]\ndb-name = 'a'");
    assertFileRefused(
        "syncer.to.checkpoint.type is \"file\"", "[syncer.to.checkpoint]\ntype = 'file'");
    assertFileRefused("must be warn or stop", "[syncer.to]\non-divergence = \"ignore\"");
    assertFileRefused("sync-mode is 3", "[syncer.to]\nsync-mode = 3");
    assertFileRefused("port is 70000", "[syncer.to]\nport = 70000");
    assertFileRefused("line 1, column 8", "addr = \n");
  }

  @Test
  void unknownDdlAction_isHeldUnlessToldOtherwise() {
    assertThat(settings().syncer().unknownActions()).isEqualTo(UnknownActions.HOLD);
    assertThat(fromFile("[syncer]\nunknown-ddl-action = 'ignore'").syncer().unknownActions())
        .isEqualTo(UnknownActions.IGNORE);
    assertThat(fromFile("[syncer]\nunknown-ddl-action = 'stop'").syncer().unknownActions())
        .isEqualTo(UnknownActions.STOP);
    assertFileRefused("must be hold, stop or ignore", "[syncer]\nunknown-ddl-action = 'x'");
  }

  @Test
  @DisplayName("drainer fact 3: db-type pb means file, with one worker")
  void destType_pb_isFileWithOneWorker() {
    DrainerSettings.Syncer syncer =
        fromFile("[syncer]\ndb-type = 'pb'\nworker-count = 10").syncer();
    assertThat(syncer.destType()).isEqualTo(DestType.FILE);
    assertThat(syncer.workerCount()).isEqualTo(1);
  }

  @Test
  @DisplayName("drainer fact 4: the disabling flag decides over the enabling one")
  void dispatch_disableGiven_decides() {
    assertThat(dispatch("-disable-dispatch=false", "-enable-dispatch=false"))
        .isEqualTo(Dispatch.ROWS);
    assertThat(dispatch("-enable-dispatch=false")).isEqualTo(Dispatch.TRANSACTIONS);
    assertThat(dispatch("-disable-dispatch")).isEqualTo(Dispatch.TRANSACTIONS);
    assertThat(dispatch()).isEqualTo(Dispatch.ROWS);
    assertThat(settings("-disable-dispatch").syncer().workerCount()).isEqualTo(1);
    assertThat(
            fromFile("[syncer]\ndisable-dispatch = true", "-enable-dispatch=true")
                .syncer()
                .dispatch())
        .as("the file's disable beats the flag's enable")
        .isEqualTo(Dispatch.TRANSACTIONS);
  }

  @Test
  @DisplayName("drainer fact 5: the environment beats the file, a flag beats the environment")
  void precedence_flagEnvironmentFile() {
    Map<String, String> environment = Map.of("BINLOG_SERVER_TXN_BATCH", "7");
    String file = file("[syncer]\ntxn-batch = 20");
    assertThat(settings(environment, "-config", file).syncer().txnBatch()).isEqualTo(7);
    assertThat(settings(environment, "-config", file, "-txn-batch", "9").syncer().txnBatch())
        .isEqualTo(9);
    assertThat(settings(Map.of(), "-config", file).syncer().txnBatch()).isEqualTo(20);
  }

  @Test
  @DisplayName("drainer fact 6: read-timeout is a duration, a bare number means days")
  void readTimeout_forms() {
    assertThat(readTimeout("10m")).isEqualTo(Duration.ofMinutes(10));
    assertThat(readTimeout("7")).isEqualTo(Duration.ofDays(7));
    assertFileRefused("read-timeout", "[syncer.to]\nread-timeout = '7d'");
  }

  @Test
  void target_notInFile_comesFromTheEnvironmentThenDefaults() {
    Map<String, String> environment =
        Map.of("MYSQL_HOST", "db", "MYSQL_PORT", "4000", "MYSQL_USER", "u", "MYSQL_PSWD", "p");
    DrainerSettings.Endpoint to = settings(environment).to().endpoint();
    assertThat(to).hasToString("u@db:4000");
    assertThat(to.password()).isEqualTo("p");
    assertThat(settings().to().endpoint()).hasToString("root@localhost:3306");
    assertThat(settings(environment).checkpoint().endpoint()).hasToString("root@127.0.0.1:3306");
  }

  @Test
  @DisplayName("drainer fact 20: the checkpoint's encrypted password is its own")
  void checkpoint_encryptedPassword_isItsOwn() {
    // "abc" under the built-in key with an initial vector of zeros
    String secret = encrypted("abc");
    DrainerSettings settings =
        fromFile(
            "[syncer.to]\npassword = 'x'\n[syncer.to.checkpoint]\ntype = 'mysql'\n"
                + "encrypted_password = '"
                + secret
                + "'");
    assertThat(settings.checkpoint().endpoint().password()).isEqualTo("abc");
    assertThat(settings.to().endpoint().password()).isEqualTo("x");
    assertFileRefused("cannot be decrypted", "[syncer.to]\nencrypted_password = 'bm9uc2Vuc2U='");
  }

  @Test
  void whatThisReleaseHasNot_isCheckedThenRefusedInWords() {
    for (String key :
        List.of(
            "[syncer]\ndb-type = 'kafka'\n[syncer.to]\nkafka-addrs = 'a:1'\nkafka-version = '1.0.0'",
            "[syncer]\ndb-type = 'pb'\n[syncer.to]\ncompression = 'gzip'",
            "[syncer]\ndb-type = 'flash'\n[syncer.to]\ntime-limit = '30s'",
            "[syncer.to]\noracle-service-name = 'x'")) {
      DrainerConfig config = DrainerConfig.parse(List.of("-config", file(key)), Map.of());
      DrainerSettings settings = config.settings();
      assertThatThrownBy(() -> config.requireBuilt(settings))
          .as(key)
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("this release has no ");
    }
  }

  @Test
  void tableMigrateRule_withTarget_isRead() {
    String rule =
        """
        [[syncer.table-migrate-rule]]
        [syncer.table-migrate-rule.source]
        schema = 'a'
        [syncer.table-migrate-rule.target]
        """;
    TableRoutes routes =
        new BinlogFilter(fromFile(rule + "schema = 'b'").syncer().filter()).routes();
    assertThat(routes.table("a", "t")).isEqualTo(new FilterSettings.TableName("b", "t"));
    assertFileRefused("target.schema or target.table must be given", rule);
  }

  @Test
  void negativeNumbers_areRefused() {
    for (String key :
        List.of(
            "[syncer.to]\nretention-time = -1",
            "[syncer.to]\nkafka-max-messages = -1",
            "[syncer.to]\nkafka-max-message-size = -1",
            "[syncer.relay]\nmax-file-size = -1",
            "[syncer]\nchannel-id = -1")) {
      assertFileRefused("is -1, must be 0 or more", key);
    }
  }

  @Test
  void pushgateway_thatCannotBe_isRefused() {
    assertRefused("metrics-addr is \"a b\"", "-metrics-addr", "a b");
  }

  /** The command line of the 2018 manual. */
  @Test
  void commandLine_of2018_isAccepted() {
    DrainerSettings settings =
        settings(
            "-L",
            "debug",
            "-addr",
            "192.168.0.13:8249",
            "-c",
            "4",
            "-data-dir",
            "data.drainer",
            "-dest-db-type",
            "mysql",
            "-detect-interval",
            "10",
            "-disable-detect",
            "-disable-dispatch",
            "-ignore-schemas",
            "INFORMATION_SCHEMA,PERFORMANCE_SCHEMA,mysql,test",
            "-initial-commit-ts",
            "402899541671542785",
            "-log-file",
            "drainer.log",
            "-log-rotate",
            "hour",
            "-metrics-addr",
            "",
            "-metrics-interval",
            "15",
            "-pd-urls",
            "http://192.168.0.16:2379,http://192.168.0.15:2379",
            "-safe-mode",
            "-txn-batch",
            "1");
    assertThat(settings.node().initialCommitTs()).isEqualTo(402899541671542785L);
    assertThat(settings.node().pdUrls()).hasSize(2);
    assertThat(settings.log().rotate()).isEqualTo("hour");
    CommandExit unknown =
        catchThrowableOfType(
            CommandExit.class, () -> DrainerConfig.parse(List.of("-no-such-flag"), Map.of()));
    assertThat(unknown.code()).isEqualTo(2);
  }

  private Duration readTimeout(String text) {
    return fromFile("[syncer.to]\nread-timeout = '" + text + "'").to().readTimeout();
  }

  private static Dispatch dispatch(String... arguments) {
    return settings(arguments).syncer().dispatch();
  }

  private static DrainerSettings settings(String... arguments) {
    return settings(Map.of(), arguments);
  }

  private static DrainerSettings settings(Map<String, String> environment, String... arguments) {
    return DrainerConfig.parse(List.of(arguments), environment).settings();
  }

  private DrainerSettings fromFile(String text, String... arguments) {
    List<String> all = new ArrayList<>(List.of("-config", file(text)));
    all.addAll(List.of(arguments));
    return DrainerConfig.parse(all, Map.of()).settings();
  }

  private void assertFileRefused(String reason, String text) {
    assertRefused(reason, "-config", file(text));
  }

  private static void assertRefused(String reason, String... arguments) {
    assertThatThrownBy(() -> settings(arguments))
        .isInstanceOfSatisfying(OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(1))
        .hasMessageContaining(reason);
  }

  private String file(String text) {
    try {
      return Files.writeString(folder.resolve("drainer.toml"), text).toString();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String encrypted(String text) {
    return PasswordCipher.of(Map.of()).encrypt(text, new SecureRandom());
  }
}
