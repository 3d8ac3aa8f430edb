package org.tidbbinlog.tools.bench.drain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tidbbinlog.sinks.mysql.apply.AppliedBatch;
import org.tidbbinlog.tools.bench.drain.Recording.Step;

class RecordingTest {
  private final Recording recording = new Recording(2);

  private static AppliedBatch batch(int worker, long slotSeq, AppliedBatch.Unit... units) {
    return new AppliedBatch(worker, List.of(units), 1 + worker, slotSeq, List.of("begin"));
  }

  private static AppliedBatch.Unit unit(long order, long... keys) {
    return new AppliedBatch.Unit(order, keys);
  }

  @Test
  void row_goesAfterTheLastOneOfItsKey_alsoWhenThatWasCommittedLongBefore() {
    recording.onBatch(batch(0, 0, unit(1, 7), unit(2, 8)));
    recording.onBatch(batch(1, 0, unit(3, 9)));
    recording.onBatch(batch(1, 1, unit(4, 7)));

    List<List<Step>> steps = recording.stretches().get(0).byWorker();

    assertThat(steps.get(0).get(0).after()).isEmpty();
    assertThat(steps.get(1).get(0).after()).isEmpty();
    assertThat(steps.get(1).get(1).after()).containsExactly(steps.get(0).get(0));
  }

  @Test
  void batchesThatWereToldOutOfOrder_dependByTheOrderOfTheirRows() {
    recording.onBatch(batch(1, 0, unit(5, 7)));
    recording.onBatch(batch(0, 0, unit(1, 7)));

    List<List<Step>> steps = recording.stretches().get(0).byWorker();

    assertThat(steps.get(0).get(0).after()).isEmpty();
    assertThat(steps.get(1).get(0).after()).containsExactly(steps.get(0).get(0));
  }

  @Test
  void ddl_cutsTheRecording() {
    recording.onBatch(batch(0, 0, unit(1, 7)));
    recording.onEvents("DDL", 1);
    recording.onBatch(batch(1, 0, unit(2, 7)));

    assertThat(recording.stretches()).hasSize(2);
    assertThat(recording.stretches().get(1).byWorker().get(1).get(0).after()).isEmpty();
    assertThat(recording.batches()).isEqualTo(2);
    assertThat(recording.slots()).isEqualTo(2);
    assertThat(recording.statementBytes()).isEqualTo(10);
  }
}
