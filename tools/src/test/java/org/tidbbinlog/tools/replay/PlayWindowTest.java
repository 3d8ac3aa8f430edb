package org.tidbbinlog.tools.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.binlog.BinlogKind;
import org.tidbbinlog.testkit.capture.Capture;
import org.tidbbinlog.testkit.capture.CaptureReader;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PlayWindowTest {
  private static final Path CAPTURES = Path.of(System.getProperty("captures.dir"));

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void commit_isWrittenOnlyWhenEarlierTransactionsArePrewritten(long seed) throws Exception {
    Capture capture = Capture.open(CAPTURES.resolve("02-keys"));
    List<Binlog> written = new ArrayList<>();
    List<Tso> frontiers = new ArrayList<>();
    try (CaptureReader reader = capture.binlogs()) {
      PlayWindow window =
          new PlayWindow(
              new Transactions(reader),
              new Random(seed),
              (reached, next, taken) -> {
                assertThat(reached).isLessThan(next);
                frontiers.add(reached);
              });
      for (Optional<PlayWindow.Task> task = window.take(); task.isPresent(); task = window.take()) {
        PlayedTransaction transaction = task.get().transaction();
        written.add(
            task.get().phase() == PlayedTransaction.Phase.PREWRITING
                ? transaction.prewrite()
                : transaction.commit());
        window.acknowledged(task.get());
      }
    }
    assertThat(written).hasSize(2 * 101);
    assertThat(frontiers).isSorted();
    requireTwoPhaseOrder(written, seed);
  }

  private static void requireTwoPhaseOrder(List<Binlog> written, long seed) {
    TreeMap<Tso, Tso> startByCommit = new TreeMap<>();
    written.stream()
        .filter(binlog -> binlog.kind() == BinlogKind.COMMIT)
        .forEach(binlog -> startByCommit.put(binlog.commitTs(), binlog.startTs()));
    Set<Tso> prewritten = new HashSet<>();
    boolean disordered = false;
    Tso lastCommit = Tso.ZERO;
    for (Binlog binlog : written) {
      if (binlog.kind() == BinlogKind.PREWRITE) {
        prewritten.add(binlog.startTs());
      } else {
        assertThat(prewritten)
            .as("seed %s", seed)
            .containsAll(startByCommit.headMap(binlog.commitTs(), true).values());
        disordered |= binlog.commitTs().isBefore(lastCommit);
        lastCommit = binlog.commitTs();
      }
    }
    assertThat(disordered).as("seed %s", seed).isTrue();
  }

  @Test
  void summary_ofCapture_knowsItsEnds() {
    CaptureSummary summary = CaptureSummary.of(Capture.open(CAPTURES.resolve("02-keys")));
    assertThat(summary.binlogs()).isEqualTo(101);
    assertThat(summary.firstStartTs()).isEqualTo(new Tso(470643021490683911L));
    assertThat(summary.lastCommitTs()).isEqualTo(new Tso(470643024073064457L));
  }
}
