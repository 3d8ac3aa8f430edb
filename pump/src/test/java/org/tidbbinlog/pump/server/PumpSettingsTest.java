package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.node.config.CommandExit;
import org.tidbbinlog.node.log.LogRotation;
import org.tidbbinlog.pump.storage.StoreSettings;
import org.tidbbinlog.pump.storage.StoreSettings.SyncLog;

final class PumpSettingsTest {
  private static final String ADDR = "-addr=127.0.0.1:8250";

  private static PumpSettings parse(String... arguments) {
    return PumpSettings.parse(List.of(arguments), Map.of());
  }

  private static PumpSettings withFile(Path dir, String toml, String... arguments)
      throws IOException {
    return withFile(dir, toml, Map.of(), arguments);
  }

  private static PumpSettings withFile(
      Path dir, String toml, Map<String, String> environment, String... arguments)
      throws IOException {
    Path file = Files.writeString(dir.resolve("pump.toml"), toml);
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("-config=" + file);
    return PumpSettings.parse(all, environment);
  }

  @Test
  void defaults_areTheOriginals() {
    PumpSettings settings = parse();
    assertThat(settings.listen().port()).isEqualTo(8250);
    assertThat(settings.advertised()).isEqualTo(settings.listen());
    assertThat(settings.dataDir()).isEqualTo(Path.of("data.pump"));
    assertThat(settings.pdUrls()).containsExactly("http://127.0.0.1:2379");
    assertThat(settings.keep()).isEqualTo(Duration.ofDays(7));
    assertThat(settings.heartbeatInterval()).isEqualTo(Duration.ofSeconds(2));
    assertThat(settings.fakeInterval()).isEqualTo(Duration.ofSeconds(3));
    assertThat(settings.stopWriteAtBytes()).isEqualTo(10737418240L);
    assertThat(settings.maxMessageBytes()).isEqualTo(Long.MAX_VALUE - 4194304);
    assertThat(settings.store().syncLog()).isEqualTo(SyncLog.ON);
    assertThat(settings.registryTimeout()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  @DisplayName("pump fact 3: gc=\"0\" is refused, gc=7, gc=\"7\" and \"168h\" are equal")
  void gc_ofZero_isRefused_daysAndHoursAreEqual(@TempDir Path dir) throws IOException {
    assertThatThrownBy(() -> withFile(dir, "gc = \"0\"\n", ADDR))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("GC is 0, must bigger than 0");
    Duration week = Duration.ofDays(7);
    assertThat(withFile(dir, "gc = 7\n", ADDR).keep()).isEqualTo(week);
    assertThat(withFile(dir, "gc = \"7\"\n", ADDR).keep()).isEqualTo(week);
    assertThat(withFile(dir, "gc = \"168h\"\n", ADDR).keep()).isEqualTo(week);
  }

  @Test
  void pushgateway_thatCannotBe_isRefused() {
    assertThatThrownBy(() -> parse(ADDR, "-metrics-addr=a b"))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("metrics-addr is \"a b\"");
  }

  @Test
  void gc_ofNonsense_saysWhatIsWanted() {
    assertThatThrownBy(() -> parse(ADDR, "-gc=soon"))
        .hasMessageContaining("parse GC time failed, err: unsupported gc time soon")
        .hasMessageContaining("use 7 for 7 day, 7h for 7 hour");
  }

  @Test
  @DisplayName("pump fact 4: an unknown TOML key is refused by name")
  void unknownKey_inFile_isNamed(@TempDir Path dir) {
    assertThatThrownBy(() -> withFile(dir, "[storage]\nbar = 1\n", ADDR))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("contained unknown configuration options")
        .hasMessageContaining("storage.bar");
  }

  @Test
  @DisplayName("pump fact 5: PUMP_GC beats the file, the command line beats PUMP_GC")
  void environment_liesBetweenFileAndCommandLine(@TempDir Path dir) throws IOException {
    Map<String, String> environment = Map.of("PUMP_GC", "3");
    assertThat(withFile(dir, "gc = 7\n", environment, ADDR).keep()).isEqualTo(Duration.ofDays(3));
    assertThat(withFile(dir, "gc = 7\n", environment, ADDR, "-gc", "5").keep())
        .isEqualTo(Duration.ofDays(5));
  }

  @Test
  @DisplayName("pump fact 6: addr 0.0.0.0:8250 without advertise-addr is refused")
  void advertisedAddress_thatNobodyCanDial_isRefused() {
    assertThatThrownBy(() -> parse("-addr=0.0.0.0:8250"))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("invalid advertiseAddr host: 0.0.0.0");
    assertThat(parse("-addr=0.0.0.0:8250", "-advertise-addr=10.0.0.1:8250").advertised())
        .hasToString("10.0.0.1:8250");
  }

  @ParameterizedTest
  @DisplayName("pump fact 7: pd-urls must be full URLs without a path")
  @ValueSource(strings = {"127.0.0.1:2379", "http://127.0.0.1:2379/", "ftp://a:1", "http://a"})
  void pdUrls_thatAreNoPlainUrls_areRefused(String urls) {
    assertThatThrownBy(() -> parse(ADDR, "-pd-urls=" + urls))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("parse EtcdURLs error:");
  }

  @Test
  @DisplayName("pump fact 21: stop-write-at-available-space = \"42 MB\" is 42000000 bytes")
  void stopWriteSpace_readsSiAndIecUnits(@TempDir Path dir) throws IOException {
    assertThat(stopAt(dir, "42 MB")).isEqualTo(42_000_000);
    assertThat(stopAt(dir, "42 mib")).isEqualTo(44_040_192);
    assertThat(stopAt(dir, "")).isZero();
  }

  private static long stopAt(Path dir, String size) throws IOException {
    String toml = "[storage]\nstop-write-at-available-space = \"" + size + "\"\n";
    return withFile(dir, toml, ADDR).stopWriteAtBytes();
  }

  @ParameterizedTest
  @CsvSource({
    "-addr=127.0.0.1,bad ListenAddr host format:",
    "-advertise-addr=x,bad AdvertiseAddr host format:",
    "-socket=unix://name,bad Socket addr format:",
    "-heartbeat-interval=-1,heartbeat-interval is -1",
    "-fake-binlog-interval=0,gen-binlog-interval is 0",
    "-log-rotate=week,log-rotate is week",
    "stray,'''stray'' is not a valid flag'"
  })
  void value_thatCannotBe_isRefusedWithItsName(String argument, String message) {
    String addr = argument.startsWith("-addr") ? "-L=info" : ADDR;
    assertThatThrownBy(() -> parse(addr, argument))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining(message)
        .satisfies(e -> assertThat(((OperatorException) e).exitCode()).isEqualTo(1));
  }

  @Test
  void heartbeatOfZero_meansTwoSeconds() {
    assertThat(parse(ADDR, "-heartbeat-interval=0").heartbeatInterval())
        .isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void options_of2018_areAccepted() {
    PumpSettings settings =
        parse(ADDR, "-enable-tolerant", "-gc=3", "-log-rotate", "hour", "--metrics-interval=15");
    assertThat(settings.log().rotation()).isEqualTo(LogRotation.HOUR);
    assertThat(settings.keep()).isEqualTo(Duration.ofDays(3));
  }

  @Test
  void options_thatAreDeprecated_areAcceptedAndIgnored() {
    parse(
        ADDR,
        "-binlog-file-size=1",
        "-binlog-slice-size=1",
        "-enable-binlog-slice",
        "-enable-debug",
        "-enable-tolerant=false");
  }

  @Test
  void everyFileKey_ofTheOriginal_isAccepted(@TempDir Path dir) throws IOException {
    PumpSettings settings =
        withFile(
            dir,
            """
            log-level = "warn"
            addr = "127.0.0.1:9250"
            advertise-addr = "pump-1:9250"
            data-dir = "d"
            gc = "90m"
            heartbeat-interval = 4
            gen-binlog-interval = 5
            log-file = "p.log"
            log-rotate = "day"
            MetricsAddr = "10.0.0.9:9091"
            metricsinterval = 30
            node-id = "n1"
            pd-urls = "http://a:1,http://b:2"
            socket = "unix:///tmp/pump.sock"
            EtcdDialTimeout = "3s"
            [security]
            ssl-ca = "ca.pem"
            ssl-cert = "c.pem"
            ssl-key = "k.pem"
            cert-allowed-cn = ["tidb", "drainer"]
            [storage]
            sync-log = false
            kv_chan_cap = 10
            slow_write_threshold = 2.5
            stop-write-at-available-space = "1 GiB"
            [storage.kv]
            block-cache-capacity = 1
            block-restart-interval = 1
            block-size = 1
            compaction-L0-trigger = 1
            compaction-table-size = 1
            compaction-total-size = 1
            compaction-total-size-multiplier = 1.5
            write-buffer = 1
            write-L0-pause-trigger = 1
            write-L0-slowdown-trigger = 1
            """);
    assertThat(settings.advertised()).hasToString("pump-1:9250");
    assertThat(settings.keep()).isEqualTo(Duration.ofMinutes(90));
    assertThat(settings.socketPath()).isEqualTo("/tmp/pump.sock");
    assertThat(settings.tls().allowedCommonNames()).containsExactly("tidb", "drainer");
    assertThat(settings.metricsPush().interval()).isEqualTo(Duration.ofSeconds(30));
    assertThat(settings.store().syncLog()).isEqualTo(SyncLog.OFF);
    assertThat(settings.store().backlogEntries()).isEqualTo(10);
    assertThat(settings.store().slowWrite()).isEqualTo(Duration.ofMillis(2500));
  }

  @Test
  void backlog_isTheOriginalsOrWhatTheHeapHolds() {
    assertThat(parse(ADDR).askedBacklog()).isEqualTo(1_048_576);
    assertThat(StoreSettings.defaults().backlogEntries()).isEqualTo(1_048_576);
    assertThat(StoreSettings.backlogFor(1_048_576, 256L << 20)).isEqualTo(524_288);
    assertThat(StoreSettings.backlogFor(1_048_576, 1L << 30)).isEqualTo(1_048_576);
    assertThat(StoreSettings.backlogFor(Long.MAX_VALUE, 256L << 20)).isEqualTo(524_288);
    assertThat(StoreSettings.backlogFor(10, 256L << 20)).isEqualTo(10);
  }

  @Test
  void sampleFile_withEveryKeySet_isAccepted(@TempDir Path dir) throws IOException {
    Path sample = Path.of(System.getProperty("project.root"), "conf", "pump.toml");
    String everything = Files.readString(sample).replaceAll("(?m)^#(?=[A-Za-z])", "");
    assertThat(everything).contains("\ngc-hard-cap = ", "\nwrite-L0-slowdown-trigger = ");
    assertThat(withFile(dir, everything).keep()).isEqualTo(Duration.ofDays(7));
  }

  @Test
  void flagOnly_keysInTheFile_areUnknown(@TempDir Path dir) {
    assertThatThrownBy(() -> withFile(dir, "metrics-addr = \"x\"\n", ADDR))
        .hasMessageContaining("metrics-addr");
  }

  @Test
  void helpVersionAndUnknownFlags_haveTheirExitCodes() {
    assertThat(exitCode("-h")).isZero();
    assertThat(exitCode("-V")).isZero();
    assertThat(exitCode("-bogus")).isEqualTo(2);
    assertThat(exitCode("-metrics-interval=often")).isEqualTo(2);
  }

  private static int exitCode(String argument) {
    try {
      parse(argument);
    } catch (CommandExit e) {
      return e.code();
    }
    throw new AssertionError(argument + " was accepted");
  }
}
