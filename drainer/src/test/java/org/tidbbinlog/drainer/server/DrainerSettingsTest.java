package org.tidbbinlog.drainer.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
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
import org.tidbbinlog.drainer.filter.Loopback;
import org.tidbbinlog.drainer.server.DrainerSettings.DestType;
import org.tidbbinlog.node.config.PasswordCipher;

class DrainerSettingsTest {
  private final Path folder;

  DrainerSettingsTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void defaults_are_the_originals() {
    DrainerSettings settings = parse("").settings();
    assertThat(settings.node().pdUrls()).containsExactly("http://127.0.0.1:2379");
    assertThat(settings.node().initialCommitTs()).isEqualTo(-1);
    assertThat(settings.node().detectInterval()).isEqualTo(Duration.ofSeconds(5));
    assertThat(settings.node().dataDir()).isEqualTo(Path.of("data.drainer"));
    assertThat(settings.syncer().txnBatch()).isEqualTo(20);
    assertThat(settings.syncer().workerCount()).isEqualTo(16);
    assertThat(settings.syncer().destType()).isEqualTo(DestType.MYSQL);
    assertThat(settings.to().endpoint()).hasToString("root@localhost:3306");
    assertThat(settings.to().readTimeout()).isEqualTo(Duration.ofMinutes(1));
    assertThat(settings.to().onDivergence()).isEqualTo(DrainerSettings.OnDivergence.WARN);
    assertThat(settings.checkpoint().schema()).isEqualTo("tidb_binlog");
  }

  @Test
  void features_this_release_has_not_are_checked_and_then_refused() {
    for (String file :
        List.of(
            "[syncer]\ndb-type = \"kafka\"\n[syncer.to]\nkafka-addrs = \"a:1\"\n",
            "[syncer]\ndb-type = \"flash\"\n[syncer.to]\ntime-limit = \"30s\"\n")) {
      DrainerConfig config = parse(file);
      DrainerSettings settings = config.settings();
      assertThatThrownBy(() -> config.requireBuilt(settings))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("this release has no ");
    }
    assertThatThrownBy(() -> parse("[syncer]\ndb-type = \"oracel\"\n").settings())
        .hasMessageContaining("oracel");
  }

  @Test
  void whole_file_with_every_nested_section_is_read() {
    DrainerSettings settings =
        parse(
                """
                addr = "10.0.0.1:8249"
                advertise-addr = "drainer.example:8249"
                [syncer]
                replicate-do-db = ["~^b.*", "s1"]
                ignore-txn-commit-ts = [5, 6]
                sql-mode = "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION"
                [[syncer.replicate-do-table]]
                db-name = "test"
                tbl-name = "~^a.*"
                [[syncer.ignore-table]]
                db-name = "test"
                tbl-name = "log"
                [[syncer.table-migrate-rule]]
                source = {schema = "a*", table = "b"}
                binlog-filter-rule = ["r"]
                [syncer.binlog-filter-rule.r]
                ignore-event = ["drop table"]
                ignore-sql = ["^alter"]
                [syncer.to]
                host = "db"
                port = 4000
                user = "u"
                password = "p"
                sync-mode = 2
                on-divergence = "stop"
                [syncer.to.params]
                time_zone = "+00:00"
                tidb_txn_mode = "optimistic"
                [syncer.to.checkpoint]
                type = "mysql"
                host = "cp"
                """)
            .settings();
    assertThat(settings.syncer().filter().doTables()).hasSize(1);
    assertThat(settings.syncer().filter().migrateRules()).hasSize(1);
    assertThat(settings.syncer().ignoredCommitTs()).hasSize(2);
    assertThat(settings.to().endpoint()).hasToString("u@db:4000");
    assertThat(settings.to().onDivergence()).isEqualTo(DrainerSettings.OnDivergence.STOP);
    assertThat(settings.to().params()).containsEntry("tidb_txn_mode", "optimistic");
    assertThat(settings.checkpoint().endpoint()).hasToString("root@cp:3306");
    assertThat(settings.node().advertiseAddr()).isEqualTo("drainer.example:8249");
  }

  @Test
  @DisplayName("drainer fact 20: the checkpoint's own encrypted password is decrypted")
  void each_section_decrypts_its_own_password() {
    // AES-CFB of "abc" and "xyz" under the built-in key with IV 000102..0f
    String abc = encrypted("abc");
    String xyz = encrypted("xyz");
    DrainerSettings settings =
        parse(
                "[syncer.to]\npassword = \"no\"\nencrypted_password = \""
                    + abc
                    + "\"\n[syncer.to.checkpoint]\nencrypted_password = \""
                    + xyz
                    + "\"\n")
            .settings();
    assertThat(settings.to().endpoint().password()).isEqualTo("abc");
    assertThat(settings.checkpoint().endpoint().password()).isEqualTo("xyz");
    assertThatThrownBy(() -> parse("[syncer.to]\nencrypted_password = \"AAAA\"\n").settings())
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("syncer.to.encrypted_password");
  }

  @Test
  void loopback_control_ignores_the_schema_of_checkpoints_too() {
    DrainerSettings off = parse("[syncer]\nchannel-id = 3\n").settings();
    assertThat(off.syncer().loopback().isOn()).isFalse();
    assertThat(off.syncer().filter().ignoreSchemas()).doesNotContain("tidb_binlog");
    DrainerSettings on = parse("[syncer]\nloopback-control = true\nchannel-id = 3\n").settings();
    assertThat(on.syncer().loopback()).isEqualTo(Loopback.channel(3));
    assertThat(on.syncer().filter().ignoreSchemas()).contains("tidb_binlog", "mysql");
  }

  @Test
  void password_file_is_read_for_target_and_checkpoint() throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), "p w'\"\\#\n");
    String key = "password-file = '" + secret + "'\n";
    DrainerSettings settings =
        parse("[syncer.to]\n" + key + "[syncer.to.checkpoint]\n" + key).settings();
    assertThat(settings.to().endpoint().password()).isEqualTo("p w'\"\\#");
    assertThat(settings.checkpoint().endpoint().password()).isEqualTo("p w'\"\\#");
    for (String wrong :
        List.of(
            "[syncer.to]\npassword = 'x'\n" + key,
            "[syncer.to]\nencrypted_password = '" + encrypted("x") + "'\n" + key,
            "[syncer.to]\npassword-file = '" + folder.resolve("absent") + "'\n",
            "[syncer.to]\npassword-file = '"
                + Files.writeString(folder.resolve("two"), "two\nlines\n")
                + "'\n")) {
      assertThatThrownBy(() -> parse(wrong).settings())
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("syncer.to.password-file");
    }
  }

  /** Made by another program with the original's layout. */
  @Test
  void passwords_encrypted_elsewhere_are_read() {
    assertThat(
            parse("[syncer.to]\nencrypted_password = 'AAECAwQFBgcICQoLDA0OD0BRUu4ZkeYWk4k='\n")
                .settings()
                .to()
                .endpoint()
                .password())
        .isEqualTo("p\u00e4ssw0rd");
    assertThat(
            parse(
                    "[syncer.to.checkpoint]\n"
                        + "encrypted_password ="
                        + " 'AAECAwQFBgcICQoLDA0OD0Ax3guj9wpXxPp5Vpro2IMSjwTNnaHlDsbjycya4gKizls='\n",
                    Map.of("BINLOG_SECRET_KEY", "2b7e151628aed2a6abf7158809cf4f3c"))
                .settings()
                .checkpoint()
                .endpoint()
                .password())
        .isEqualTo("a longer password, over one block");
  }

  /** The first was sealed by another program. */
  @Test
  void passwords_sealed_with_a_key_are_read_and_refused_when_changed() {
    Map<String, String> environment =
        Map.of("BINLOG_SECRET_KEY", "2b7e151628aed2a6abf7158809cf4f3c");
    String sealed = "gcm:AAECAwQFBgcICQoLKwyfJcsfvjCEFxnxpje6FxkzRNHoa6eILw==";
    assertThat(passwordOf(sealed, environment)).isEqualTo("p\u00e4ssw0rd");
    String own = PasswordCipher.of(environment).seal("x'\"\\y", new SecureRandom());
    assertThat(own).startsWith("gcm:").isNotEqualTo(sealed);
    assertThat(passwordOf(own, environment)).isEqualTo("x'\"\\y");
    for (String wrong :
        List.of(sealed.replace("gcm:AAE", "gcm:AAF"), sealed.substring(0, 20), "gcm:", "gcm:???")) {
      assertThatThrownBy(() -> passwordOf(wrong, environment))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("syncer.to.encrypted_password");
    }
    for (Map<String, String> other :
        List.of(Map.<String, String>of(), Map.of("BINLOG_SECRET_KEY", "00".repeat(16)))) {
      assertThatThrownBy(() -> passwordOf(sealed, other))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("BINLOG_SECRET_KEY");
    }
    assertThatThrownBy(() -> PasswordCipher.of(Map.of()).seal("x", new SecureRandom()))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("BINLOG_SECRET_KEY");
  }

  private String passwordOf(String encrypted, Map<String, String> environment) {
    return parse("[syncer.to]\nencrypted_password = '" + encrypted + "'\n", environment)
        .settings()
        .to()
        .endpoint()
        .password();
  }

  @Test
  void relay_log_is_off_by_default_and_its_size_has_a_default() {
    assertThat(parse("").settings().syncer().relay().isOn()).isFalse();
    DrainerSettings.Relay relay =
        parse("[syncer.relay]\nlog-dir = \"r\"\nmax-file-size = 0\n").settings().syncer().relay();
    assertThat(relay).isEqualTo(new DrainerSettings.Relay("r", 10485760));
  }

  @Test
  void target_falls_back_to_the_mysql_variables() {
    Map<String, String> environment =
        Map.of("MYSQL_HOST", "h", "MYSQL_PORT", "3307", "MYSQL_USER", "me", "MYSQL_PSWD", "pw");
    DrainerSettings settings = parse("", environment).settings();
    assertThat(settings.to().endpoint()).hasToString("me@h:3307");
    assertThat(settings.to().endpoint().password()).isEqualTo("pw");
    assertThat(settings.checkpoint().endpoint()).hasToString("root@127.0.0.1:3306");
  }

  private DrainerConfig parse(String file, String... arguments) {
    return parse(file, Map.of(), arguments);
  }

  private DrainerConfig parse(String file, Map<String, String> environment, String... arguments) {
    List<String> all = new ArrayList<>(List.of("-config", write(file).toString()));
    all.addAll(List.of(arguments));
    return DrainerConfig.parse(all, environment);
  }

  private Path write(String file) {
    try {
      return Files.writeString(folder.resolve("drainer.toml"), file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String encrypted(String text) {
    return PasswordCipher.of(Map.of()).encrypt(text, new SecureRandom());
  }
}
