package org.tidbbinlog.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.OperatorException;

/** A made-up node's settings, every source and every way to get them wrong. */
class SettingsTest {
  private final Path folder;
  private final Settings.Builder spec =
      Settings.command("pump", "a test").environment("PUMP_").configFile().example("pump -V");
  private final Option<String> addr =
      spec.option(Kind.STRING, "127.0.0.1:8250").flag("addr").key("addr").doc("listen").add();
  private final Option<String> gc = spec.option(Kind.stringOrInt(), "7").flag("gc").key("gc").add();
  private final Option<Long> beat =
      spec.option(Kind.INT, 2L).flag("heartbeat-interval").key("heartbeat-interval").add();
  private final Option<Boolean> safe =
      spec.option(Kind.BOOL, false).flag("safe-mode").key("syncer.safe-mode").add();
  private final Option<String> metrics =
      spec.option(Kind.STRING, "").flag("metrics-addr").key("MetricsAddr").add();
  private final Option<Duration> dial =
      spec.option(Kind.DURATION, Duration.ofSeconds(5)).key("EtcdDialTimeout").add();
  private final Option<Long> space =
      spec.option(Kind.BYTES, 10L << 30).key("storage.stop-write-at-available-space").add();
  private final Option<String> password =
      spec.option(Kind.STRING, "").key("syncer.to.password").add();
  private final Option<Object> tables =
      spec.option(
              Kind.shaped(
                  Shape.listOf(
                      Shape.table(
                          Map.of(
                              "db-name",
                              Shape.of(Kind.STRING),
                              "tbl-name",
                              Shape.of(Kind.STRING))))),
              (Object) List.of())
          .key("syncer.ignore-table")
          .add();
  private final Option<Object> params =
      spec.option(Kind.shaped(Shape.textMap()), (Object) Map.of()).key("syncer.to.params").add();
  private final Option<Long> old =
      spec.option(Kind.INT, 0L).flag("binlog-file-size").ignored().add();
  private final Settings settings = spec.build();

  SettingsTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void flags_goSyntax_isTaken() {
    assertThat(parse("-addr", "a:1").get(addr)).isEqualTo("a:1");
    assertThat(parse("--addr=a:1").get(addr)).isEqualTo("a:1");
    assertThat(parse("-addr=").get(addr)).isEmpty();
    assertThat(parse("-addr=a=b").get(addr)).isEqualTo("a=b");
    assertThat(parse("-addr", "x", "-addr", "y").get(addr)).isEqualTo("y");
    assertThat(parse("-safe-mode").get(safe)).isTrue();
    assertThat(parse("-safe-mode=F").get(safe)).isFalse();
    assertThat(parse("-heartbeat-interval", "0x10").get(beat)).isEqualTo(16);
    assertThat(parse("-heartbeat-interval", "-5").get(beat)).isEqualTo(-5);
    assertThat(parse("-binlog-file-size=9", "--").get(old)).isEqualTo(9);
    assertThat(parse().get(addr)).isEqualTo("127.0.0.1:8250");
  }

  @Test
  void flags_wrong_exit2WithGosWordsAndUsage() {
    assertExit2("flag provided but not defined: -bogus\nUsage of pump:\n", "-bogus");
    assertExit2("flag provided but not defined: -cfg\n", "-cfg=x");
    assertExit2("flag needs an argument: -addr\n", "-addr");
    assertExit2("bad flag syntax: ---addr\n", "---addr");
    assertExit2("bad flag syntax: -=x\n", "-=x");
    assertExit2(
        "invalid value \"two\" for flag -heartbeat-interval: parse error\n",
        "-heartbeat-interval",
        "two");
    assertExit2(
        "invalid value \"9999999999999999999\" for flag -heartbeat-interval: value out of range\n",
        "-heartbeat-interval=9999999999999999999");
    assertExit2("invalid boolean value \"yes\" for -safe-mode: parse error\n", "-safe-mode=yes");
  }

  @Test
  void flags_booleanWithSeparateValue_isAPositionalArgument() {
    assertThatThrownBy(() -> parse("-safe-mode", "false"))
        .isInstanceOf(OperatorException.class)
        .hasMessage("'false' is not a valid flag");
    assertThatThrownBy(() -> parse("-")).hasMessage("'-' is not a valid flag");
  }

  @Test
  void help_exit0OnStderrWithExamples() {
    CommandExit help = exit("-h");
    assertThat(help.code()).isZero();
    assertThat(help.stream()).isEqualTo(CommandExit.Stream.STDERR);
    assertThat(help.text())
        .contains("  -addr string\n    \tlisten (default \"127.0.0.1:8250\")\n")
        .contains("  -safe-mode\n")
        .contains("  -heartbeat-interval int\n    \t (default 2)\n")
        .contains("(accepted and ignored)")
        .contains("Examples:\n  pump -V\n");
    assertThat(exit("--help").text()).isEqualTo(help.text());
  }

  @Test
  void version_exit0OnStdoutWithFiveLinesAndABlankOne() {
    CommandExit version = exit("-V", "-addr", "x");
    assertThat(version.code()).isZero();
    assertThat(version.stream()).isEqualTo(CommandExit.Stream.STDOUT);
    assertThat(version.text().lines().map(line -> line.split(":", -1)[0]))
        .containsExactly(
            "Release Version", "Git Commit Hash", "Build TS", "Go Version", "Go OS/Arch", "");
  }

  @Test
  @DisplayName("pump fact 5: the environment beats the file, the command line beats both")
  void precedence_commandLineEnvironmentFile() throws IOException {
    String file = file("gc = 7\nheartbeat-interval = 4\n");
    Values both = settings.parse(List.of("-config", file), Map.of("PUMP_GC", "3"));
    assertThat(both.get(gc)).isEqualTo("3");
    assertThat(both.origin(gc)).isEqualTo(Origin.ENVIRONMENT);
    assertThat(both.get(beat)).isEqualTo(4);
    assertThat(both.origin(beat)).isEqualTo(Origin.FILE);
    assertThat(both.origin(addr)).isEqualTo(Origin.DEFAULT);
    Values all = settings.parse(List.of("-config=" + file, "-gc", "5"), Map.of("PUMP_GC", "3"));
    assertThat(all.get(gc)).isEqualTo("5");
    assertThat(settings.parse(List.of(), Map.of("PUMP_HEARTBEAT_INTERVAL", "9")).get(beat))
        .isEqualTo(9);
    assertThatThrownBy(() -> settings.parse(List.of(), Map.of("PUMP_HEARTBEAT_INTERVAL", "x")))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("PUMP_HEARTBEAT_INTERVAL");
  }

  @Test
  @DisplayName("pump fact 4: an unknown key is named, with its line and column")
  void file_unknownKeys_allNamedWithPlace() throws IOException {
    String file = file("gc = 7\nnonsense = 1\n\n[storage]\n  bar = true\n[other]\nx = 1\n");
    assertThatThrownBy(() -> parse("-config", file))
        .isInstanceOfSatisfying(OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(1))
        .hasMessageStartingWith(
            "component pump's config file "
                + file
                + " contained unknown configuration options: nonsense, storage.bar, other")
        .hasMessageContaining("nonsense at line 2, column 1")
        .hasMessageContaining("storage.bar at line 5, column 3");
  }

  @Test
  void file_metricsKey_isTheFieldNameInAnyCase() throws IOException {
    assertThat(parse("-config", file("metricsaddr = \"g:9091\"")).get(metrics)).isEqualTo("g:9091");
    assertThat(parse("-config", file("MetricsAddr = \"g:9091\"")).get(metrics)).isEqualTo("g:9091");
    assertThatThrownBy(() -> parse("-config", file("metrics-addr = \"g:9091\"")))
        .hasMessageContaining("unknown configuration options: metrics-addr");
  }

  @Test
  @DisplayName("pump fact 21: sizes in SI and IEC units")
  void file_sizes_siAndIec() throws IOException {
    assertThat(space("\"42 MB\"")).isEqualTo(42_000_000L);
    assertThat(space("\"42 mib\"")).isEqualTo(44_040_192L);
    assertThat(space("\"\"")).isZero();
    assertThat(space("\"10GiB\"")).isEqualTo(10L << 30);
    assertThat(space("\"1.5 kB\"")).isEqualTo(1500L);
    assertThatThrownBy(() -> space("\"many\"")).hasMessageContaining("is not a byte size");
  }

  @Test
  void file_valuesOfManyKinds_areRead() throws IOException {
    Values values =
        parse(
            "-config",
            file(
                """
                gc = "90m"
                EtcdDialTimeout = "1m30s"
                [syncer]
                safe-mode = true
                [[syncer.ignore-table]]
                db-name = "a"
                Tbl-Name = "~^b.*"
                [[syncer.ignore-table]]
                db-name = "c"
                [syncer.to]
                password = "secret"
                [syncer.to.params]
                time_zone = "+08:00"
                max_x = 5
                """));
    assertThat(values.get(gc)).isEqualTo("90m");
    assertThat(values.get(dial)).isEqualTo(Duration.ofSeconds(90));
    assertThat(values.get(safe)).isTrue();
    assertThat(values.get(tables))
        .isEqualTo(List.of(Map.of("db-name", "a", "tbl-name", "~^b.*"), Map.of("db-name", "c")));
    assertThat(values.get(params)).isEqualTo(Map.of("time_zone", "+08:00", "max_x", "5"));
    assertThat(values.get(password)).isEqualTo("secret");
    assertThat(values.toJson()).doesNotContain("secret").contains("\"EtcdDialTimeout\":\"1m30s\"");
    assertThat(parse("-config", file("EtcdDialTimeout = 2000000000")).get(dial))
        .isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void file_wrong_isToldWithPlace() throws IOException {
    assertThatThrownBy(() -> parse("-config", file("addr = \"x\"\ngc = \n")))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("line 2, column 6");
    assertThatThrownBy(() -> parse("-config", file("\n  heartbeat-interval = \"2\"")))
        .hasMessageContaining(
            "line 2, column 3: key heartbeat-interval wants an integer, got a string");
    assertThatThrownBy(() -> parse("-config", file("addr = \"x\"\naddr = \"y\"")))
        .hasMessageContaining("line 2");
    assertThatThrownBy(() -> parse("-config", file("addr = \"x\"\nAddr = \"y\"")))
        .hasMessageContaining("is given twice");
    assertThatThrownBy(() -> parse("-config", file("[[syncer.ignore-table]]\ndb = \"a\"")))
        .hasMessageContaining("key syncer.ignore-table does not know the key db");
    assertThatThrownBy(() -> parse("-config", folder.resolve("none.toml").toString()))
        .hasMessageContaining("none.toml: no such file");
  }

  private long space(String value) throws IOException {
    return parse("-config", file("[storage]\nstop-write-at-available-space = " + value)).get(space);
  }

  private Values parse(String... arguments) {
    return settings.parse(List.of(arguments), Map.of());
  }

  private CommandExit exit(String... arguments) {
    return catchThrowableOfType(CommandExit.class, () -> parse(arguments));
  }

  private void assertExit2(String text, String... arguments) {
    CommandExit exit = exit(arguments);
    assertThat(exit.code()).isEqualTo(2);
    assertThat(exit.stream()).isEqualTo(CommandExit.Stream.STDERR);
    assertThat(exit.text()).startsWith(text);
  }

  private String file(String text) throws IOException {
    Path file = folder.resolve("test.toml");
    Files.writeString(file, text);
    return file.toString();
  }
}
