package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.airlock.OnDdlError;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.sinks.mysql.apply.Turn;
import org.tidbbinlog.sinks.mysql.target.TableName;

/** What is remembered of tables whose rows were left out. */
@Timeout(30)
class MissingTablesTest {
  private static final int MANY = 10_000;

  @TempDir Path folder = Path.of("");
  private final AtomicReference<Tso> watermark = new AtomicReference<>(Tso.ZERO);

  private MissingTables open() {
    return new MissingTables(
        DdlAirlock.open(folder, OnDdlError.HOLD, Clock.system(), action -> {}),
        new SinkCounters(SinkCounters.Listener.NONE),
        Clock.system(),
        watermark::get);
  }

  private static TableName name(int i) {
    return TableName.of("d`.`b", "t" + i % 100);
  }

  /** Skip i is of what lies in [10 i, 10 i + 5). */
  private void writeSkips(int skips) throws Exception {
    StringBuilder text = new StringBuilder("tidb-binlog ddl audit 1\n");
    for (int i = 1; i <= skips; i++) {
      line(text, "left_out", 10 * i, name(i));
      line(text, "taken_again", 10 * i + 5, name(i));
    }
    Files.writeString(folder.resolve("ddl-audit.log"), text);
  }

  private static void line(StringBuilder text, String event, int commitTs, TableName table) {
    text.append("{\"time\":\"2026-01-02T03:04:05Z\",\"event\":\"")
        .append(event)
        .append("\",\"commitTS\":")
        .append(commitTs)
        .append(",\"text\":\"")
        .append(table.quoted())
        .append("\"}\n");
  }

  @Test
  void skipsThatEnded_areForgotten_onceTheWatermarkHasPassedThem() throws Exception {
    writeSkips(MANY);
    MissingTables missing = open();
    assertThat(missing.endedSkips()).isEqualTo(MANY);
    assertThat(missing.turn(name(7), new Tso(72))).isEqualTo(Turn.LEFT_OUT);
    assertThat(missing.turn(name(7), new Tso(75))).isEqualTo(Turn.GOES);
    assertThat(missing.turn(name(8), new Tso(72))).isEqualTo(Turn.GOES);
    watermark.set(new Tso(10L * MANY));
    assertThat(missing.turn(name(MANY), new Tso(10L * MANY + 4))).isEqualTo(Turn.LEFT_OUT);
    assertThat(missing.endedSkips()).isEqualTo(1);
    watermark.set(new Tso(10L * MANY + 5));
    assertThat(missing.turn(name(MANY), new Tso(10L * MANY + 6))).isEqualTo(Turn.GOES);
    assertThat(missing.endedSkips()).isZero();
  }

  @Test
  void skipsThatEndedBeforeTheStart_areNotRead() throws Exception {
    writeSkips(MANY);
    watermark.set(new Tso(10L * MANY - 1));
    MissingTables missing = open();
    assertThat(missing.endedSkips()).isEqualTo(1);
    assertThat(missing.turn(name(MANY), new Tso(10L * MANY))).isEqualTo(Turn.LEFT_OUT);
  }
}
