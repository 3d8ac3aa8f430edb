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

/** Recorded clusters arrive in MariaDB as TiDB held them. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class ReplayProcessTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path dir;

  @ParameterizedTest
  @CsvSource({
    "01-types, 3",
    "02-keys, 3",
    "03-ddl, 1",
    "04-txn, 3",
    "05-exchange, 1",
    "08-rename-cycle, 3"
  })
  void target_ofReplay_equalsTheRecordedTruth(String capture, int pumps) throws Exception {
    replay(capture, pumps, 1);
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
    replay(capture, pumps, 2);
  }

  private void replay(String capture, int pumps, long seed) throws Exception {
    try (Replay replay = Replay.open(Captures.options(capture, pumps, dir, seed))) {
      replay.start();
      replay.awaitApplied(tick -> {});
      assertThat(replay.stage().drainer().stop()).isZero();
      assertThat(replay.compare().orElseThrow().differences()).isEmpty();
    }
  }
}
