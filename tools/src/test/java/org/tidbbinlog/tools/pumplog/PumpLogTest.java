package org.tidbbinlog.tools.pumplog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.txn.TransactionFate;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.pump.storage.AppendCallback;
import org.tidbbinlog.pump.storage.FileBinlogStore;
import org.tidbbinlog.pump.storage.LogInspection;
import org.tidbbinlog.pump.storage.StoreSettings;
import picocli.CommandLine;

@Timeout(60)
class PumpLogTest {
  private static final StoreSettings SMALL =
      new StoreSettings(
          StoreSettings.SyncLog.ON,
          4096,
          512,
          1 << 20,
          1024,
          64,
          16,
          Duration.ofSeconds(1),
          4,
          2048,
          Duration.ofSeconds(1));
  private static final int TRANSACTIONS = 40;

  private final Path dir;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  PumpLogTest(@TempDir Path temp) {
    dir = temp.resolve("data.pump");
  }

  @BeforeEach
  void write() {
    try (FileBinlogStore store = open()) {
      for (int i = 1; i <= TRANSACTIONS; i++) {
        write(store, i);
      }
    }
  }

  private FileBinlogStore open() {
    return FileBinlogStore.open(
        dir,
        SMALL,
        (start, key, now) -> new TransactionFate.RolledBack(),
        () -> Tso.of(1, 0),
        Clock.system());
  }

  private static void write(FileBinlogStore store, int second) {
    Binlog prewrite =
        Binlog.prewrite(
            Tso.of(second * 1000L, 0), Payload.ofUtf8("key"), Payload.of(new byte[300]));
    append(store, prewrite);
    append(store, Binlog.commitOf(prewrite, Tso.of(second * 1000L + 1, 0)));
  }

  private static void append(FileBinlogStore store, Binlog binlog) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    store.append(
        ByteBuffer.wrap(binlog.encode()),
        new AppendCallback() {
          @Override
          public void durable() {
            done.complete(true);
          }

          @Override
          public void failed(RuntimeException cause) {
            done.completeExceptionally(cause);
          }
        });
    assertThat(done.join()).isTrue();
  }

  /** Runs a command with its standard output caught. */
  private int run(String... arguments) {
    PrintStream before = System.out;
    printed.reset();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      return new CommandLine(new PumpLogCommand())
          .setExecutionExceptionHandler((failure, line, result) -> 1)
          .execute(arguments);
    } finally {
      System.setOut(before);
    }
  }

  private String out() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void verify_ofASoundDirectory_isOkAndChangesNothing() throws IOException {
    Map<Path, String> before = contents();
    assertThat(run("verify", dir.toString())).isZero();
    assertThat(out()).contains("pump-log: OK").contains("records=" + 2 * TRANSACTIONS);
    assertThat(contents()).isEqualTo(before);
  }

  private Map<Path, String> contents() throws IOException {
    Map<Path, String> all = new TreeMap<>();
    try (Stream<Path> files = Files.walk(dir)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.put(file, new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
      }
    }
    return all;
  }

  @Test
  void verify_whileAPumpRuns_works() {
    try (FileBinlogStore store = open()) {
      write(store, TRANSACTIONS + 1);
      assertThat(run("verify", "--quiet", dir.toString())).isZero();
      write(store, TRANSACTIONS + 2);
    }
    assertThat(run("verify", dir.toString())).isZero();
    assertThat(out()).contains("records=" + 2 * (TRANSACTIONS + 2));
  }

  @Test
  void verify_ofADamagedRecord_namesFileOffsetAndNeighbours_andExits1() throws IOException {
    Path segment = dir.resolve("value/000001.vlog");
    byte[] bytes = Files.readAllBytes(segment);
    bytes[bytes.length / 2] ^= 1;
    Files.write(segment, bytes);

    assertThat(run("verify", dir.toString())).isOne();
    assertThat(out())
        .containsPattern("damage: value/000001.vlog at \\d+, \\d+ bytes: .*CRC.*after ts \\d+")
        .contains("pump-log: DAMAGED");
    assertThat(run("stat", dir.toString())).isOne();
    assertThat(run("dump", dir.toString())).isOne();
  }

  @Test
  void verify_withAChainValueNotedBefore_knowsWhetherItIsThisLog() {
    String noted;
    try (FileBinlogStore store = open()) {
      write(store, TRANSACTIONS + 1);
      Awaitility.await().until(() -> !store.proof().chain().isEmpty());
      noted = store.proof().chain();
    }
    assertThat(run("verify", "--chain", noted, dir.toString())).isZero();
    assertThat(run("verify", "--chain", "00ff".repeat(16), dir.toString())).isOne();
  }

  @Test
  void stat_countsKindsAndSaysWhatIsSealed() {
    assertThat(run("stat", dir.toString())).isZero();
    assertThat(out())
        .containsPattern("value/000000.vlog .* sealed\n")
        .containsPattern("total +\\d+ +" + 2 * TRANSACTIONS + " +" + TRANSACTIONS + " ");
  }

  @Test
  void dump_printsARecordALine_fromATimestamp() {
    assertThat(run("dump", dir.toString())).isZero();
    assertThat(out().lines()).hasSize(2 * TRANSACTIONS);
    assertThat(out().lines().findFirst().orElseThrow())
        .startsWith("value/000000.vlog\t0\tPREWRITE\t262144000\t0\t1970-01-01T00:00:01Z\t300");

    String from = Tso.of(20_000, 0).toString();
    assertThat(run("dump", dir.toString(), "--from", from, "--limit", "3")).isZero();
    assertThat(out().lines()).hasSize(3).first().asString().contains("\t" + from + "\t");
  }

  @Test
  void directoryThatIsNone_isNamed(@TempDir Path other) {
    assertThatThrownBy(() -> LogInspection.open(other))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining(other.toString())
        .hasMessageContaining("-data-dir");
    assertThat(run("verify", other.toString())).isOne();
  }

  @Test
  void noSubcommand_isWrongUsage() {
    assertThat(run()).isEqualTo(2);
    assertThat(run("verify")).isEqualTo(2);
    assertThat(run("--help")).isZero();
    assertThat(out()).contains("Exit codes").contains("verify");
  }
}
