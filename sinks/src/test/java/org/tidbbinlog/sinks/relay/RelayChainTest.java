package org.tidbbinlog.sinks.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.RowImage;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.GivenRows;
import org.tidbbinlog.testkit.schema.ColumnDraft;
import org.tidbbinlog.testkit.schema.TableDraft;

/** Three files, each of a few transactions in batches of two; every way to damage them. */
@Timeout(300)
class RelayChainTest {
  private static final int CLUSTER = 5;
  private static final int PER_FILE = 4;
  private static final int ALL = 11;
  private static final Tso START = new Tso(5);

  private final TableVersion table =
      new TableVersion(
          "d", "t", TableDraft.plain(7, "t", ColumnDraft.BIGINT, List.of("a")).done(), 3);
  @TempDir private Path folder;

  @BeforeEach
  void write() throws IOException {
    write(START, 1, ALL);
    assertThat(RelayFile.list(folder)).hasSize(3);
    assertThat(replayed(START)).contains(upTo(ALL));
  }

  /** A batch is forced before the next; a file takes {@link #PER_FILE}. */
  private void write(Tso start, int first, int last) throws IOException {
    try (RelayLog log = RelayLog.open(folder, sizeOfAFile(), CLUSTER, start)) {
      for (int n = first; n <= last; n++) {
        log.append(item(n));
        if (n % 2 == 0) {
          log.force();
        }
      }
      log.force();
    }
  }

  /** Items come at 10, 20, …; the size that the last of a file passes. */
  private long sizeOfAFile() throws IOException {
    Path trial = Files.createTempDirectory(folder, "trial");
    try (RelayLog log = RelayLog.open(trial, 1 << 20, CLUSTER, START)) {
      for (int n = 1; n <= PER_FILE; n++) {
        log.append(item(n));
        if (n == 2) {
          log.force();
        }
      }
    }
    return Files.size(RelayFile.list(trial).get(0).path());
  }

  @Test
  void everyFlippedByte_isRefusedOrTheTornEnd() throws IOException {
    for (RelayFile file : RelayFile.list(folder)) {
      byte[] whole = Files.readAllBytes(file.path());
      for (int at = 0; at < whole.length; at++) {
        byte[] flipped = whole.clone();
        flipped[at] ^= (byte) (1 << (at % 8));
        Files.write(file.path(), flipped);
        // Nothing was written behind the last batch: its damage looks like a crash's.
        int least = file.index() == 2 ? ALL - 1 : ALL;
        assertThat(replayed(START).map(List::size).orElse(ALL))
            .as("%s byte %d", file.path(), at)
            .isGreaterThanOrEqualTo(least);
        requireNoHole(file, at);
        requireNotDeletedByAStart(file, flipped, at);
      }
      Files.write(file.path(), whole);
    }
  }

  @Test
  void everyCut_isRefusedOrTheTornEnd() throws IOException {
    for (RelayFile file : RelayFile.list(folder)) {
      byte[] whole = Files.readAllBytes(file.path());
      List<Long> ends = RelayCut.recordEnds(file.path());
      for (int length = 0; length < whole.length; length++) {
        Files.write(file.path(), Arrays.copyOf(whole, length));
        Optional<List<Long>> got = requireNoHole(file, length);
        if (file.index() < 2) {
          boolean onlyTheLastRecord = length >= ends.get(ends.size() - 2);
          assertThat(got)
              .as("%s cut to %d of %d", file.path(), length, whole.length)
              .isEqualTo(onlyTheLastRecord ? Optional.of(upTo(ALL)) : Optional.empty());
        } else if (length >= ends.get(0)) {
          assertThat(got.orElseThrow()).hasSizeGreaterThanOrEqualTo(2 * PER_FILE);
        } else {
          assertThat(got).as("its head was forced before file 1 spoke of it").isEmpty();
        }
      }
      Files.write(file.path(), whole);
    }
  }

  @Test
  void fileThatIsMissing_isNoticedUnlessTheTargetHasIt() throws IOException {
    List<Tso> lasts = List.of(new Tso(40), new Tso(80));
    for (RelayFile file : RelayFile.list(folder)) {
      byte[] whole = Files.readAllBytes(file.path());
      Files.delete(file.path());
      assertThatThrownBy(() -> RelayChain.read(folder).behind(START))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("missing")
          .hasMessageContaining("upstream sends again what is behind the checkpoint");
      if (file.index() < 2) {
        assertThat(replayed(lasts.get((int) file.index()))).isPresent();
      }
      Files.write(file.path(), whole);
    }
  }

  @Test
  void filesThatChangedPlaces_areRefused() throws IOException {
    List<RelayFile> files = RelayFile.list(folder);
    for (int[] pair : new int[][] {{0, 1}, {1, 2}, {0, 2}}) {
      swap(files.get(pair[0]).path(), files.get(pair[1]).path());
      assertThat(replayed(START)).isEmpty();
      swap(files.get(pair[0]).path(), files.get(pair[1]).path());
    }
    assertThat(replayed(START)).contains(upTo(ALL));
  }

  @Test
  void runThatBeganAgainBehindATornEnd_isNoGap() throws IOException {
    cut(RelayFile.list(folder).get(2).path(), 1);
    assertThat(replayed(START)).contains(upTo(ALL - 1));
    write(new Tso(60), 7, 20);
    assertThat(replayed(START)).contains(upTo(20));
    assertThat(replayed(new Tso(60)).orElseThrow()).hasSize(14);
  }

  @Test
  void missingLastFile_staysAGapForTheNextRun() throws IOException {
    Files.delete(RelayFile.list(folder).get(2).path());
    write(new Tso(60), 7, 8);
    assertThat(replayed(START)).isEmpty();
    assertThat(replayed(new Tso(80))).isPresent();
  }

  @Test
  void lastFileWhoseHeadACrashCutOff_isMadeAgain() throws IOException {
    Path next = RelayFile.in(folder, 3).path();
    Files.write(next, new byte[] {'R', 'L'});
    assertThat(replayed(START)).contains(upTo(ALL));
    write(new Tso(100), 11, 12);
    assertThat(RelayFile.list(folder)).hasSize(4);
    assertThat(replayed(START)).contains(upTo(12));
  }

  @Test
  void filesOfTheOlderForm_areReadAndHeldToTheirNumbers(@TempDir Path older) throws IOException {
    for (String name : List.of("0", "1")) {
      try (var in = RelayChainTest.class.getResourceAsStream("relay-v1-" + name + ".bin")) {
        Files.write(
            RelayFile.in(older, Long.parseLong(name)).path(),
            Objects.requireNonNull(in).readAllBytes());
      }
    }
    assertThat(RelayChain.read(older).behind(START)).hasSize(4);
    try (RelayLog log = RelayLog.open(older, 1, CLUSTER, new Tso(40))) {
      log.append(item(5));
    }
    assertThat(RelayChain.read(older).behind(START)).hasSize(5);
    Path first = RelayFile.in(older, 0).path();
    byte[] bytes = Files.readAllBytes(first);
    bytes[bytes.length - 3] ^= 1;
    Files.write(first, bytes);
    assertThatThrownBy(() -> RelayChain.read(older).behind(START))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining(first + " is damaged at offset");
  }

  private void requireNotDeletedByAStart(RelayFile file, byte[] content, int at)
      throws IOException {
    try {
      RelayLog.open(folder, 1 << 20, CLUSTER, START).close();
    } catch (OperatorException e) {
      assertThat(e).hasMessageContaining(file.path().toString());
    }
    assertThat(Files.readAllBytes(file.path())).as("byte %d", at).isEqualTo(content);
  }

  /** What is replayed has no hole; empty when it is refused. */
  private Optional<List<Long>> requireNoHole(RelayFile file, int at) throws IOException {
    Optional<List<Long>> got = replayed(START);
    got.ifPresent(
        items -> assertThat(items).as("%s at %d", file.path(), at).isEqualTo(upTo(items.size())));
    return got;
  }

  private Optional<List<Long>> replayed(Tso checkpoint) throws IOException {
    try {
      return Optional.of(
          RelayChain.read(folder).behind(checkpoint).stream()
              .map(item -> item.commitTs().value())
              .toList());
    } catch (OperatorException e) {
      assertThat(e).hasMessageContaining(folder.toString());
      return Optional.empty();
    }
  }

  private static List<Long> upTo(int last) {
    return IntStream.rangeClosed(1, last).mapToObj(n -> n * 10L).toList();
  }

  private SinkItem.Transaction item(int n) {
    RowImage image =
        new RowImage(table.info().columns(), List.of(new ColumnValue.Signed(n * 1_000_000L)));
    return new SinkItem.Transaction(
        new Tso(n * 10L - 1),
        new Tso(n * 10L),
        3,
        new GivenRows(List.of(new RowChange.Insert(table, image)), 2, 77),
        new StageTimes());
  }

  private static void swap(Path a, Path b) throws IOException {
    byte[] bytes = Files.readAllBytes(a);
    Files.write(a, Files.readAllBytes(b));
    Files.write(b, bytes);
  }

  private static void cut(Path file, int bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - bytes);
    }
  }
}
