package org.tidbbinlog.drainer.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;

@Timeout(30)
class MergerTest {
  private record Item(Tso commitTs, boolean isFake) implements Merger.Timestamped {
    @Override
    public int sizeBytes() {
      return 10;
    }
  }

  private final Merger<Item> merger = new Merger<>(Tso.ZERO, Clock.system());

  @Test
  @DisplayName("drainer fact 8: a silent pump holds the output back until it speaks")
  void silent_pump_holds_the_output_until_it_speaks() throws Exception {
    MergeInput<Item> a = merger.add("a", Tso.ZERO);
    MergeInput<Item> b = merger.add("b", Tso.ZERO);
    MergeInput<Item> c = merger.add("c", Tso.ZERO);
    merger.open();
    offer(a, 10, 40);
    offer(b, 20);
    assertThat(taken()).isEmpty();
    c.offer(new Item(new Tso(50), true));
    assertThat(taken()).containsExactly(10L, 20L);
    assertThat(taken()).isEmpty();
    assertThat(merger.progress())
        .extracting(MergeProgress::nodeId, each -> each.watermark().value())
        .containsExactly(tuple("a", 40L), tuple("b", 20L), tuple("c", 50L));
  }

  @Test
  @DisplayName("drainer fact 9: the same commit ts from two pumps is handed out once")
  void equal_timestamps_of_two_pumps_are_handed_out_once() throws Exception {
    MergeInput<Item> a = merger.add("a", Tso.ZERO);
    MergeInput<Item> b = merger.add("b", Tso.ZERO);
    merger.open();
    offer(a, 10, 20, 30);
    offer(b, 20, 30);
    assertThat(taken()).containsExactly(10L, 20L, 30L);
    assertThat(merger.duplicates()).isEqualTo(2);
  }

  @Test
  void nothing_is_handed_out_before_the_first_list_of_pumps() throws Exception {
    MergeInput<Item> a = merger.add("a", Tso.ZERO);
    offer(a, 10);
    assertThat(taken()).isEmpty();
    merger.open();
    assertThat(taken()).containsExactly(10L);
  }

  @Test
  @DisplayName("drainer fact 10: a pump that left no longer holds the output")
  void removed_pump_holds_nothing_back_and_what_it_sent_is_kept() throws Exception {
    MergeInput<Item> a = merger.add("a", Tso.ZERO);
    MergeInput<Item> b = merger.add("b", Tso.ZERO);
    merger.open();
    offer(a, 10, 20, 30);
    offer(b, 15);
    assertThat(taken()).containsExactly(10L, 15L);
    merger.remove("b");
    assertThat(taken()).containsExactly(20L, 30L);
  }

  @Test
  void timestamps_that_go_back_in_one_stream_are_an_error() {
    MergeInput<Item> a = merger.add("a", Tso.ZERO);
    offer(a, 10);
    assertThatThrownBy(() -> offer(a, 9))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("pump a sent commit ts 9 after 10");
  }

  @Test
  void transaction_older_than_the_output_is_an_error_and_an_old_heartbeat_is_not()
      throws Exception {
    MergeInput<Item> a = merger.add("a", Tso.ZERO);
    merger.open();
    offer(a, 10, 20);
    assertThat(taken()).containsExactly(10L, 20L);
    MergeInput<Item> late = merger.add("late", Tso.ZERO);
    late.offer(new Item(new Tso(5), true));
    late.offer(new Item(new Tso(8), false));
    assertThatThrownBy(this::taken)
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("pump late")
        .hasMessageContaining("commit ts 8")
        .hasMessageContaining("20");
  }

  @Test
  void random_streams_come_out_sorted_without_repeats_and_complete() throws Exception {
    long seed = 7;
    Random random = new Random(seed);
    List<MergeInput<Item>> inputs = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      inputs.add(merger.add("p" + i, Tso.ZERO));
    }
    merger.open();
    TreeSet<Long> expected = new TreeSet<>();
    List<Long> seen = new ArrayList<>();
    long[] last = new long[5];
    for (int step = 0; step < 5000; step++) {
      int which = random.nextInt(5);
      last[which] += 1 + random.nextInt(10);
      expected.add(last[which]);
      offer(inputs.get(which), last[which]);
      if (random.nextInt(50) == 0) {
        seen.addAll(taken());
      }
    }
    for (MergeInput<Item> input : inputs) {
      offer(input, 1_000_000);
    }
    expected.add(1_000_000L);
    for (List<Long> more = taken(); !more.isEmpty(); more = taken()) {
      seen.addAll(more);
    }
    assertThat(seen).as("seed %d", seed).containsExactlyElementsOf(expected);
  }

  private static void offer(MergeInput<Item> input, long... timestamps) {
    LongStream.of(timestamps).forEach(ts -> input.offer(new Item(new Tso(ts), false)));
  }

  private List<Long> taken() throws InterruptedException {
    return merger.take(1000, Duration.ofMillis(5)).stream()
        .filter(item -> !item.isFake())
        .map(item -> item.commitTs().value())
        .toList();
  }
}
