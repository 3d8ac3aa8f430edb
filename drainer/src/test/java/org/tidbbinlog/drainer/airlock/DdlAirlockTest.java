package org.tidbbinlog.drainer.airlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlChoice.Action;

@Timeout(30)
class DdlAirlockTest {
  private static final DdlAirlock.Chooser ANN = new DdlAirlock.Chooser("ann", "10.0.0.7");

  @TempDir Path folder = Path.of("");

  private DdlAirlock open() {
    return DdlAirlock.open(folder, OnDdlError.HOLD, Clock.system(), action -> {});
  }

  private static HeldDdl ddl(long commitTs, int statement) {
    return new HeldDdl(
        new Tso(commitTs),
        7,
        "ALTER TABLE t ...",
        "d",
        List.of("d.t"),
        statement,
        2,
        "ALTER TABLE t \"x\"\n-- end",
        HeldDdl.Reason.REFUSED,
        "1062 Duplicate");
  }

  @Test
  void choices_thatChangeTheJob_outliveTheProcess_untilTheDdlHasPassed() throws Exception {
    DdlAirlock first = open();
    first.hold(ddl(100, 0), () -> StreamBehind.NOTHING);
    first.choose(new Tso(100), Action.RETRY, "", ANN);
    first.awaitChoice();
    first.hold(ddl(100, 0), () -> StreamBehind.NOTHING);
    first.choose(new Tso(100), Action.REPLACE, " SELECT 'ä'; ", ANN);
    first.hold(ddl(100, 1), () -> StreamBehind.NOTHING);
    first.choose(new Tso(100), Action.SKIP, "", ANN);
    DdlAirlock second = open();
    assertThat(second.choices(new Tso(100)))
        .containsExactly(
            new DdlChoice(
                new Tso(100), Action.REPLACE, 0, "SELECT 'ä';", "d", HeldDdl.Reason.REFUSED),
            new DdlChoice(new Tso(100), Action.SKIP, 1, "", "d", HeldDdl.Reason.REFUSED));
    assertThat(second.choices(new Tso(101))).isEmpty();
    assertThat(second.history()).isEqualTo(first.history()).hasSize(6);
    second.passed(new Tso(100));
    assertThat(open().choices(new Tso(100))).isEmpty();
  }

  @Test
  void skipOfRowsOfSeveralTables_isNotForgotten_whenOnlyOneOfThemIsLeftOut() throws Exception {
    DdlAirlock first = open();
    HeldDdl rows =
        new HeldDdl(
            new Tso(100),
            0,
            "rows of `d`.`a`, `d`.`b`",
            "d",
            List.of("d.a", "d.b"),
            0,
            0,
            "",
            HeldDdl.Reason.NO_TABLE,
            "the target has no table `d`.`a`, `d`.`b`");
    first.hold(rows, () -> StreamBehind.NOTHING);
    first.choose(new Tso(100), Action.SKIP, "", ANN);
    first.leaveOut(new Tso(100), "`d`.`a`");
    DdlAirlock second = open();
    assertThat(second.lastChoice(new Tso(100)).map(DdlChoice::action)).contains(Action.SKIP);
    assertThat(second.wasAskedFor(new Tso(100), "`d`.`b`")).isTrue();
    assertThat(second.wasAskedFor(new Tso(100), "`d`.`c`")).isFalse();
    second.leaveOut(new Tso(100), "`d`.`b`");
    second.hold(rows, () -> StreamBehind.NOTHING);
    assertThat(second.lastChoice(new Tso(100))).as("asked again").isEmpty();
  }

  @Test
  void heldSince_isTheFirstTime_alsoAfterARestart() {
    DdlAirlock first = open();
    first.hold(ddl(100, 0), () -> StreamBehind.NOTHING);
    DdlAirlock second = open();
    second.hold(ddl(100, 0), () -> StreamBehind.NOTHING);
    assertThat(second.situation().orElseThrow().since())
        .isEqualTo(first.situation().orElseThrow().since());
    assertThat(second.history()).hasSize(1);
  }

  @Test
  void choice_thatCannotBeKept_isNoChoice() throws Exception {
    DdlAirlock airlock = open();
    airlock.hold(ddl(100, 0), () -> StreamBehind.NOTHING);
    Path file = folder.resolve(AuditLog.FILE);
    Files.delete(file);
    Files.createDirectory(file);
    assertThatThrownBy(() -> airlock.choose(new Tso(100), Action.SKIP, "", ANN))
        .isInstanceOf(RetryableException.class)
        .hasMessageContaining(AuditLog.FILE);
    assertThat(airlock.state()).isEqualTo(DdlAirlock.State.HELD);
    assertThat(airlock.choices(new Tso(100))).isEmpty();
  }

  @Test
  void secondChoice_whileTheFirstIsCarriedOut_isRefused() {
    DdlAirlock airlock = open();
    airlock.hold(ddl(100, 0), () -> StreamBehind.NOTHING);
    airlock.choose(new Tso(100), Action.SKIP, "", ANN);
    assertThatThrownBy(() -> airlock.choose(new Tso(100), Action.SKIP, "", ANN))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("being released");
  }

  @Test
  void waitingThread_hearsOfTheChoice() throws Exception {
    DdlAirlock airlock = open();
    AtomicReference<DdlAirlock.State> seen = new AtomicReference<>(DdlAirlock.State.OPEN);
    Thread waiting =
        new Thread(
            () -> {
              try {
                airlock.awaitChoice();
                seen.set(airlock.state());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "test-waiting");
    waiting.start();
    airlock.hold(ddl(100, 0), () -> StreamBehind.NOTHING);
    airlock.choose(new Tso(100), Action.RETRY, "", ANN);
    waiting.join();
    assertThat(seen.get()).isEqualTo(DdlAirlock.State.RELEASING);
  }

  @Test
  void fileThatACrashLeftEmpty_isBegunLikeANewOne() throws Exception {
    Files.createFile(folder.resolve("ddl-audit.log"));
    open().hold(ddl(100, 0), () -> StreamBehind.NOTHING);
    assertThat(open().history()).hasSize(1);
  }

  @Test
  void fileThatIsNoAuditLog_isRefusedWithItsName() throws Exception {
    Files.writeString(folder.resolve(AuditLog.FILE), "something else\n");
    assertThatThrownBy(this::open)
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining(AuditLog.FILE)
        .hasMessageContaining("something else");
  }

  /** The next life relies on them: rows go, or are let go, only when they are on the disk. */
  @ParameterizedTest
  @EnumSource(names = {"LEFT_OUT", "TAKEN_AGAIN", "PASSED"})
  void entryThatTheNextLifeReliesOn_isWaitedFor_untilItIsOnTheDisk(AuditEntry.Event event)
      throws Exception {
    DdlAirlock airlock = open();
    airlock.leaveOut(new Tso(90), "`d`.`t`");
    airlock.hold(ddl(100, 0), () -> StreamBehind.NOTHING);
    airlock.choose(new Tso(100), Action.SKIP, "", ANN);
    Path file = folder.resolve(AuditLog.FILE);
    Path away = Files.move(file, folder.resolve("away"));
    Files.createDirectory(file);
    Thread sink =
        new Thread(
            () -> {
              try {
                switch (event) {
                  case LEFT_OUT -> airlock.leaveOut(new Tso(100), "`d`.`u`");
                  case TAKEN_AGAIN -> airlock.takeAgain(new Tso(100), "`d`.`t`");
                  default -> airlock.passed(new Tso(100));
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "test-sink");
    sink.start();
    sink.join(1_500);
    assertThat(sink.isAlive()).as("waits").isTrue();
    assertThat(airlock.state())
        .as("others may ask meanwhile")
        .isEqualTo(DdlAirlock.State.RELEASING);
    Files.delete(file);
    Files.move(away, file);
    sink.join();
    assertThat(open().history())
        .isEqualTo(airlock.history())
        .last()
        .extracting(AuditEntry::event)
        .isEqualTo(event);
  }

  @Test
  void entryThatOnlyTells_isNotWaitedFor() throws Exception {
    DdlAirlock airlock = open();
    Files.createDirectory(folder.resolve(AuditLog.FILE));
    airlock.hold(ddl(100, 0), () -> StreamBehind.NOTHING);
    assertThat(airlock.state()).isEqualTo(DdlAirlock.State.HELD);
  }
}
