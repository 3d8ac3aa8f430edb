package org.tidbbinlog.sinks.mysql.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Divergence;
import org.tidbbinlog.drainer.sink.Divergences;
import org.tidbbinlog.sinks.mysql.ToldLines;

class DivergenceReportTest {
  private final Divergences seen = new Divergences();
  private final DivergenceReport report = new DivergenceReport(seen);
  private Instant now = Instant.parse("2026-01-02T03:04:05Z");

  @AutoClose private final ToldLines told = new ToldLines(DivergenceReport.class.getName());

  private void happen(int times, int rowCount) {
    for (int i = 0; i < times; i++) {
      report.add(new Divergence(now, new Tso(7), "`a`.`t`", "`id`=1", "gone"), rowCount);
    }
  }

  private void pass(int seconds) {
    now = now.plusSeconds(seconds);
    report.maybeSumUp(now);
  }

  @Test
  void rowsBeyondTheBound_areSummedUpAtOnceAndThenOnceAMinute_withoutLosingAny() {
    happen(1_000, 1);
    pass(600);
    assertThat(report.namesEach()).isFalse();
    assertThat(told.with("target diverges")).hasSize(1_000);
    assertThat(told.with("goes on")).isEmpty();
    happen(1, 3);
    assertThat(told.with("goes on")).containsExactly("3 1003 `a`.`t` `id`=1 7");
    happen(5, 2);
    pass(50);
    assertThat(told.with("goes on")).hasSize(1);
    pass(10);
    assertThat(told.with("goes on").subList(1, 2)).containsExactly("10 1013 `a`.`t` `id`=1 7");
    pass(600);
    assertThat(told.with("goes on")).as("nothing came since").hasSize(2);
    happen(1, 1);
    report.sumUp(now);
    assertThat(told.with("goes on").subList(2, 3)).containsExactly("1 1014 `a`.`t` `id`=1 7");
  }

  @Test
  void latestSixteen_areRemembered_newestFirst() {
    for (int i = 1; i <= 20; i++) {
      report.add(new Divergence(now, new Tso(i), "`a`.`t`", "`id`=" + i, "gone"), 1);
    }
    assertThat(seen.count()).isEqualTo(20);
    assertThat(seen.recent()).hasSize(16);
    assertThat(seen.recent().get(0).key()).isEqualTo("`id`=20");
    assertThat(seen.recent().get(15).key()).isEqualTo("`id`=5");
  }
}
