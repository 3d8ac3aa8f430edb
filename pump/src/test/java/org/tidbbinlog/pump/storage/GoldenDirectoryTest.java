package org.tidbbinlog.pump.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.txn.TransactionFate;

/**
 * Data directories of former versions open for ever: each folder under {@code golden} was written
 * once by the version that brought its format, and is never touched again. {@code expected.tsv}
 * says what it has to deliver.
 */
@Timeout(60)
class GoldenDirectoryTest {
  private static final Path GOLDEN = Path.of("src", "test", "resources", "golden");
  private static final StoreSettings SETTINGS =
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

  private static final long LATER_MS = 1_900_000_000_000L;

  private final Path temp;

  GoldenDirectoryTest(@TempDir Path temp) {
    this.temp = temp;
  }

  @Test
  void everyFormerFormat_verifiesAndDelivers() throws Exception {
    List<Path> versions;
    try (Stream<Path> folders = Files.list(GOLDEN)) {
      versions = folders.filter(Files::isDirectory).sorted().toList();
    }
    assertThat(versions).isNotEmpty();
    for (Path version : versions) {
      Path dir = temp.resolve(version.getFileName());
      copy(version, dir);
      assertSound(dir);
      List<String> expected = Files.readAllLines(version.resolve("expected.tsv"));
      try (FileBinlogStore store = open(dir)) {
        assertThat(delivered(store, expected.size())).as("%s", version).isEqualTo(expected);
        append(store, Records.prewrite(LATER_MS << 18, new byte[100]));
        append(store, Records.commit(LATER_MS << 18, (LATER_MS + 1) << 18));
        Awaitility.await().until(() -> store.maxCommitTs().physicalMs() == LATER_MS + 1);
      }
      assertSound(dir);
      try (FileBinlogStore again = open(dir)) {
        assertThat(delivered(again, expected.size() + 1)).hasSize(expected.size() + 1);
      }
    }
  }

  /** Writes the folder of this version's format; run once when a format is new. */
  @Test
  @EnabledIfSystemProperty(named = "golden.write", matches = "v\\d+")
  void write() throws Exception {
    Path dir = GOLDEN.resolve(System.getProperty("golden.write"));
    int count = 40;
    try (FileBinlogStore store = open(dir)) {
      for (int i = 0; i < count; i++) {
        long start = (1_700_000_000_000L + 1000L * i) << 18;
        byte[] value = new byte[50 + 7 * i];
        Arrays.fill(value, (byte) i);
        append(store, Records.prewrite(start, value));
        append(store, Records.commit(start, start + 5));
      }
      append(store, Records.fake(1_700_000_100_000L << 18));
      Files.write(dir.resolve("expected.tsv"), delivered(store, count + 1));
    }
    Files.delete(dir.resolve(".lock"));
  }

  private static FileBinlogStore open(Path dir) {
    return FileBinlogStore.open(
        dir,
        SETTINGS,
        (start, key, now) -> new TransactionFate.RolledBack(),
        () -> Tso.of(1, 0),
        Clock.system());
  }

  private static void append(FileBinlogStore store, ByteBuffer record) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    store.append(
        record,
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

  private static List<String> delivered(FileBinlogStore store, int count) {
    List<String> lines = new ArrayList<>();
    try (PullCursor cursor = store.pull(Tso.ZERO, GapPolicy.REFUSE)) {
      Awaitility.await()
          .until(
              () -> {
                for (var next = cursor.tryNext(); next.isPresent(); next = cursor.tryNext()) {
                  PullRecord record = next.get();
                  String crc = Integer.toHexString(Frame.crc(record.payload()));
                  lines.add(record.startTs() + "\t" + record.commitTs() + "\t" + crc);
                }
                return lines.size() >= count;
              });
    }
    return lines;
  }

  private static void assertSound(Path dir) throws InterruptedException {
    LogInspection log = LogInspection.open(dir);
    for (int id : log.segments()) {
      assertThat(log.read(id, ScrubPace.UNLIMITED).orElseThrow().damages()).isEmpty();
    }
    assertThat(log.acrossSegments()).isEmpty();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }
}
