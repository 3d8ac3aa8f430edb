package org.tidbbinlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.testkit.capture.Capture;
import org.tidbbinlog.testkit.capture.CaptureReader;
import org.tidbbinlog.testkit.process.ChildJvm;
import org.tidbbinlog.tools.replay.Replay;
import org.tidbbinlog.tools.replay.ReplayOptions;
import org.tidbbinlog.tools.stage.ServerNode;

/**
 * What Pumps took from a replay, {@code capture} gets back from them. The key is left out of the
 * comparison: a Pump that has waited for a Commit writes one of its own, which has none.
 */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class CaptureProcessTest {
  private static final Path CAPTURES = Path.of(System.getProperty("captures.dir"));

  @ParameterizedTest
  @CsvSource({"02-keys, 3", "04-txn, 2"})
  void capture_ofReplayedPumps_equalsTheOriginal(String name, int pumps, @TempDir Path dir)
      throws Exception {
    Path original = CAPTURES.resolve(name);
    ReplayOptions options =
        new ReplayOptions(
            original, pumps, 8, Optional.empty(), Optional.empty(), dir, 0, 1, List.of());
    try (Replay replay = Replay.open(options)) {
      replay.startPumps();
      replay.startWriting();
      Awaitility.await().atMost(Duration.ofSeconds(60)).until(replay::isWritten);
      Path copy = dir.resolve("copy");
      String addresses =
          replay.stage().pumps().stream().map(ServerNode::address).collect(Collectors.joining(","));
      try (ChildJvm capture =
          ChildJvm.of("org.tidbbinlog.playground.Launcher", dir.resolve("capture.log"))
              .args(
                  "capture",
                  "--pump=" + addresses,
                  "--pd-urls=" + String.join(",", replay.stage().cluster().pdUrls()),
                  "--out=" + copy)
              .start()) {
        assertThat(capture.awaitExit(Duration.ofSeconds(60))).as(capture.output()).isZero();
        assertThat(capture.output()).contains("capture: OK");
      }
      // Not by the lists' own texts: a message may have megabytes.
      assertThat(messages(copy).equals(messages(original))).isTrue();
      assertThat(Capture.open(copy).meta()).hasSameSizeAs(Capture.open(original).meta());
    }
  }

  private static List<Binlog> messages(Path folder) {
    List<Binlog> messages = new ArrayList<>();
    try (CaptureReader reader = Capture.open(folder).binlogs()) {
      reader.forEachRemaining(message -> messages.add(withoutKey(message)));
    }
    return messages;
  }

  private static Binlog withoutKey(byte[] message) {
    Binlog binlog = Binlog.decode(ByteBuffer.wrap(message));
    return new Binlog(
        binlog.kind(),
        binlog.startTs(),
        binlog.commitTs(),
        Payload.ABSENT,
        binlog.prewriteValue(),
        binlog.ddlQuery(),
        binlog.ddlJobId(),
        binlog.ddlSchemaState(),
        binlog.unknownFields());
  }
}
