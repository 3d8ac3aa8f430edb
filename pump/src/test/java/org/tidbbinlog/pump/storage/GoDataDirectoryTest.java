package org.tidbbinlog.pump.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.txn.TransactionFate;
import org.tidbbinlog.wire.payload.Binlog;
import org.tidbbinlog.wire.payload.BinlogType;
import org.tidbbinlog.wire.payload.PrewriteValue;

/** The data directory of an original Pump, recorded after a clean stop. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class GoDataDirectoryTest {
  private final Path temp;

  GoDataDirectoryTest(@TempDir Path temp) {
    this.temp = temp;
  }

  @Test
  void valueLogReader_onOriginalsDirectory_readsEveryPrewriteAndCommit() throws IOException {
    ValueLogReader reader = ValueLogReader.open(extract().resolve("pump1"));

    List<Binlog> records = new ArrayList<>();
    for (var next = reader.next(); next.isPresent(); next = reader.next()) {
      records.add(Binlog.parseFrom(next.get().payload()));
    }

    assertThat(reader.skippedBytes()).isZero();
    assertThat(reader.finishedSegments()).isOne();
    Map<Long, Binlog> prewrites = new HashMap<>();
    Set<Long> committed = new HashSet<>();
    int fakes = 0;
    for (Binlog record : records) {
      if (record.getTp() == BinlogType.Prewrite) {
        assertThat(record.getCommitTs()).isZero();
        prewrites.put(record.getStartTs(), record);
        assertThat(PrewriteValue.parseFrom(record.getPrewriteValue()).getMutationsList())
            .allMatch(mutation -> mutation.getTableId() > 0);
      } else if (record.getStartTs() == record.getCommitTs()) {
        fakes++;
      } else if (record.getTp() == BinlogType.Commit) {
        assertThat(prewrites).as("a Commit follows its Prewrite").containsKey(record.getStartTs());
        committed.add(record.getStartTs());
      }
    }
    assertThat(prewrites).hasSizeGreaterThan(100);
    assertThat(committed).hasSizeGreaterThan(100).isSubsetOf(prewrites.keySet());
    assertThat(fakes).isPositive();
  }

  @Test
  void inspection_ofOriginalsDirectory_findsItSoundAndWithoutProofs() throws Exception {
    LogInspection log = LogInspection.open(extract().resolve("pump1"));
    List<SegmentReport> reports = new ArrayList<>();
    for (int id : log.segments()) {
      reports.add(log.read(id, ScrubPace.UNLIMITED).orElseThrow());
    }
    assertThat(reports).isNotEmpty().allMatch(SegmentReport::isSound);
    assertThat(reports).allMatch(report -> report.proof() == SegmentReport.Proof.NONE);
    assertThat(reports.stream().mapToLong(SegmentReport::commits).sum()).isGreaterThan(100);
    assertThat(log.acrossSegments()).isEmpty();
  }

  @Test
  void store_openedOnOriginalsDirectory_deliversWhatItHeldInOrder() throws IOException {
    Path dir = extract().resolve("pump1");
    Map<Long, Long> expected = committed(dir);
    try (FileBinlogStore store =
        FileBinlogStore.open(
            dir,
            StoreSettings.defaults(),
            (start, key, now) -> new TransactionFate.RolledBack(),
            () -> Tso.of(1, 0),
            Clock.system())) {
      long last = expected.keySet().stream().max(Long::compare).orElseThrow();
      org.awaitility.Awaitility.await().until(() -> store.maxCommitTs().value() >= last);

      List<Long> delivered = new ArrayList<>();
      try (PullCursor cursor = store.pull(Tso.ZERO, GapPolicy.REFUSE)) {
        for (var next = cursor.tryNext(); next.isPresent(); next = cursor.tryNext()) {
          if (!next.get().isFake()) {
            delivered.add(next.get().commitTs().value());
          }
        }
      }
      assertThat(delivered).isSorted().containsExactlyInAnyOrderElementsOf(expected.keySet());
    }
  }

  private static Map<Long, Long> committed(Path dir) throws IOException {
    Map<Long, Long> startByCommit = new HashMap<>();
    ValueLogReader reader = ValueLogReader.open(dir);
    Optional<StoredRecord> next = reader.next();
    while (next.isPresent()) {
      Binlog record = Binlog.parseFrom(next.get().payload());
      if (record.getTp() == BinlogType.Commit) {
        startByCommit.put(record.getCommitTs(), record.getStartTs());
      }
      next = reader.next();
    }
    return startByCommit;
  }

  private Path extract() throws IOException {
    Path archive = Path.of(System.getProperty("captures.dir"), "go-pump-data-dir", "pump1.tar.gz");
    try (InputStream in =
        new GZIPInputStream(new BufferedInputStream(Files.newInputStream(archive)))) {
      byte[] header = in.readNBytes(512);
      while (header.length == 512 && header[0] != 0) {
        extractEntry(in, header);
        header = in.readNBytes(512);
      }
    }
    return temp;
  }

  /** A tar header: name at 0, size in octal at 124, type at 156; content padded to 512 bytes. */
  private void extractEntry(InputStream in, byte[] header) throws IOException {
    String name = text(header, 0, 100);
    int size = Integer.parseInt(text(header, 124, 11).trim(), 8);
    Path target = temp.resolve(name).normalize();
    assertThat(target.startsWith(temp)).isTrue();
    if (header[156] == '5') {
      Files.createDirectories(target);
    } else {
      Files.createDirectories(target.getParent());
      Files.write(target, in.readNBytes(size));
      in.skipNBytes((512 - size % 512) % 512);
    }
  }

  private static String text(byte[] bytes, int from, int most) {
    int end = from;
    while (end < from + most && bytes[end] != 0) {
      end++;
    }
    return StandardCharsets.UTF_8.decode(ByteBuffer.wrap(bytes, from, end - from)).toString();
  }
}
