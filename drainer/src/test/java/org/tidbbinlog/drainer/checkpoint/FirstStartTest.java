package org.tidbbinlog.drainer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Checkpoint;

/** A savepoint file decides when nothing else does, and says so; it never decides in silence. */
class FirstStartTest {
  private static final Tso NOW = new Tso(470643069202726928L);
  private static final long AT = 470642687003852801L;
  private static final FirstStart.Configured UNSET = new FirstStart.Configured(-1);
  private static final String OWN =
      "consistent = true\ncommitTS = " + AT + "\nschema-version = 49\n";

  private final Path folder;
  private final Path file;
  private final Logger logger = (Logger) LoggerFactory.getLogger(FirstStart.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  FirstStartTest(@TempDir Path folder) {
    this.folder = folder;
    this.file = folder.resolve("savepoint");
  }

  @BeforeEach
  void listen() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void hush() {
    logger.detachAppender(log);
  }

  private FirstStart choose(FirstStart.Configured configured) {
    return FirstStart.choose(Optional.empty(), configured, folder, NOW);
  }

  private List<String> said() {
    return log.list.stream()
        .map(
            event ->
                event.getLevel() + " " + event.getFormattedMessage() + event.getKeyValuePairs())
        .toList();
  }

  /** As the original of each era writes it, and the two programs called binlogctl. */
  static List<String> files() {
    return List.of(
        "commitTS = " + AT + "\n",
        "consistent = false\ncommitTS = " + AT + "\n",
        "consistent = false\ncommitTS = " + AT + "\nschema-version = 49\n",
        "commitTS = " + AT + "\n2026-11-22 14:56:11 +0000 UTC\n2026-11-22 22:56:11 +0800 CST",
        "commitTS = " + AT + "\n2026-11-22 14:56:11 +0000 UTC\n2026-11-22 11:56:11 -0300 -03",
        "commitTS = "
            + AT
            + "\n# 2026-11-22 14:56:11 +0000 UTC\n# 2026-11-22 22:56:11 +0800 CST\n");
  }

  @ParameterizedTest
  @MethodSource("files")
  void file_ofEveryEra_decidesAndSaysSo(String text) throws IOException {
    Files.writeString(file, text);
    long version = text.contains("schema-version") ? 49 : 0;
    assertThat(choose(UNSET))
        .isEqualTo(
            new FirstStart(
                new Tso(AT), Optional.of(new Checkpoint(false, new Tso(AT), Map.of(), version))));
    assertThat(said())
        .singleElement()
        .asString()
        .startsWith("INFO")
        .contains(file.toString(), "commit-ts=\"" + AT, "schema-version=\"" + version);
  }

  @Test
  void orderlyExit_isTakenFromTheFile() throws IOException {
    Files.writeString(file, OWN);
    assertThat(choose(UNSET).savepoint()).contains(new Checkpoint(true, new Tso(AT), Map.of(), 49));
  }

  @Test
  void noFile_orOneThatSaysNothingYet_startsNow() throws IOException {
    assertThat(choose(UNSET)).isEqualTo(FirstStart.at(NOW));
    Files.writeString(file, "consistent = false\ncommitTS = 0\nschema-version = 0\n");
    assertThat(choose(UNSET)).isEqualTo(FirstStart.at(NOW));
    assertThat(said()).isEmpty();
  }

  @Test
  void explicitInitialCommitTs_wins_andADifferenceIsWarnedOf() throws IOException {
    Files.writeString(file, OWN);
    assertThat(choose(new FirstStart.Configured(AT))).isEqualTo(FirstStart.at(new Tso(AT)));
    assertThat(said()).isEmpty();
    assertThat(choose(new FirstStart.Configured(7))).isEqualTo(FirstStart.at(new Tso(7)));
    assertThat(said())
        .singleElement()
        .asString()
        .startsWith("WARN")
        .contains(file.toString(), "commit-ts=\"" + AT, "initial-commit-ts=\"7\"");
    assertThat(choose(new FirstStart.Configured(0)).commitTs()).isEqualTo(Tso.ZERO);
  }

  @Test
  void storedCheckpoint_wins_andANewerFileIsToldOnce() throws IOException {
    Files.writeString(file, OWN);
    assertThat(stored(AT).savepoint()).isEmpty();
    assertThat(stored(AT + 1).savepoint()).isEmpty();
    assertThat(said()).isEmpty();
    assertThat(stored(AT - 1).savepoint()).isEmpty();
    assertThat(said())
        .singleElement()
        .asString()
        .startsWith("INFO")
        .contains(file.toString(), "commit-ts=\"" + AT, "checkpoint=\"" + (AT - 1));
  }

  private FirstStart stored(long commitTs) {
    Checkpoint row = new Checkpoint(false, new Tso(commitTs), Map.of(), 1);
    return FirstStart.choose(Optional.of(row), UNSET, folder, NOW);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "consistent = true\nschema-version = 3\n",
        "commitTS = \n",
        "commitTS = \"5\"\n",
        "commitTS = -5\n",
        "commitTS = 99999999999999999999\n",
        "commitTS = 5\nschema-version = \"x\"\n",
        "{\"commitTS\":5}",
        "\u0000\u0000\u0000\u0000",
      })
  void damagedFile_isRefusedWithItsNameAndTheWayOut(String text) throws IOException {
    Files.writeString(file, text);
    assertRefused();
  }

  @Test
  void fileThatIsNoText_orCannotBeRead_isRefusedTheSameWay() throws IOException {
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
    assertRefused();
    Files.delete(file);
    Files.createDirectory(file);
    assertRefused();
    Files.delete(file);
    Files.createSymbolicLink(file, folder.resolve("gone"));
    assertRefused();
  }

  private void assertRefused() {
    assertThatThrownBy(() -> choose(UNSET))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("put back a copy")
        .hasMessageContaining("initial-commit-ts");
    assertThat(choose(new FirstStart.Configured(7))).isEqualTo(FirstStart.at(new Tso(7)));
    assertThat(stored(AT)).isEqualTo(FirstStart.at(NOW));
    assertThat(said()).hasSize(2).allMatch(line -> line.startsWith("WARN"));
    log.list.clear();
  }

  @Test
  void fileFromTheFuture_isRefused_itWouldLoseWhatIsWrittenUntilThen() throws IOException {
    Files.writeString(file, "commitTS = " + (NOW.value() + 1) + "\n");
    assertThatThrownBy(() -> choose(UNSET))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(NOW.toString())
        .hasMessageContaining("initial-commit-ts");
  }
}
