package org.tidbbinlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tidbbinlog.tools.replay.Replay;
import org.tidbbinlog.tools.replay.ReplayOptions;

/** Recorded clusters arrive in MariaDB as TiDB held them. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class ReplayProcessTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path dir;

  @ParameterizedTest
  @CsvSource({
    "01-types, 3, 1",
    "02-keys, 3, 32",
    "03-ddl, 1, 4",
    "04-txn, 3, 16",
    "05-exchange, 1, 32",
    "08-rename-cycle, 3, 4"
  })
  void target_ofReplay_equalsTheRecordedTruth(String capture, int pumps, int workers)
      throws Exception {
    replay(capture, pumps, workers, 1);
  }

  @Tag("soak")
  @ParameterizedTest
  @CsvSource({
    "01-types, 1",
    "02-keys, 1",
    "03-ddl, 3",
    "04-txn, 1",
    "05-exchange, 3",
    "08-rename-cycle, 1"
  })
  void target_ofReplay_equalsTheRecordedTruth_withTheOtherNumberOfPumps(String capture, int pumps)
      throws Exception {
    replay(capture, pumps, 16, 2);
  }

  @Tag("soak")
  @ParameterizedTest
  @CsvSource({
    "01-types, 4", "01-types, 16", "01-types, 32",
    "02-keys, 1", "02-keys, 4", "02-keys, 16",
    "03-ddl, 1", "03-ddl, 16", "03-ddl, 32",
    "04-txn, 1", "04-txn, 4", "04-txn, 32",
    "05-exchange, 1", "05-exchange, 4", "05-exchange, 16",
    "08-rename-cycle, 1", "08-rename-cycle, 16", "08-rename-cycle, 32"
  })
  void target_ofReplay_equalsTheRecordedTruth_withAnyNumberOfWorkers(String capture, int workers)
      throws Exception {
    replay(capture, 3, workers, 3);
  }

  private void replay(String capture, int pumps, int workers, long seed) throws Exception {
    ReplayOptions options =
        Captures.options(capture, pumps, dir, seed).withSyncer("worker-count = " + workers);
    try (Replay replay = Replay.open(options)) {
      replay.start();
      replay.awaitApplied(tick -> {});
      assertThat(replay.stage().drainer().stop()).isZero();
      assertThat(replay.compare().orElseThrow().differences()).isEmpty();
    }
  }
}
