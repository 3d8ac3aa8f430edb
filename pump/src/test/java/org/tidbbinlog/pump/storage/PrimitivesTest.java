package org.tidbbinlog.pump.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The sorter's primitive structures against those of the JDK. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class PrimitivesTest {
  @Test
  void longIntMap_randomOperations_behavesLikeAMap() {
    for (int seed = 0; seed < 50; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      LongIntMap map = new LongIntMap();
      Map<Long, Integer> model = new HashMap<>();
      long stride = random.nextBoolean() ? 1 : 1L << 18;
      for (int i = 0; i < 3000; i++) {
        long key = random.nextInt(300) * stride;
        if (random.nextInt(3) == 0) {
          map.remove(key);
          model.remove(key);
        } else {
          map.put(key, i);
          model.put(key, i);
        }
        assertThat(map.size()).as("seed " + seed).isEqualTo(model.size());
      }
      for (long key = 0; key < 300; key++) {
        assertThat(map.get(key * stride))
            .as("seed " + seed)
            .isEqualTo(model.getOrDefault(key * stride, LongIntMap.ABSENT));
      }
    }
  }

  @Test
  void commitHeap_randomOperations_givesOutInUnsignedOrder() {
    SplittableRandom random = new SplittableRandom(7);
    CommitHeap heap = new CommitHeap();
    PriorityQueue<Long> model = new PriorityQueue<>(Long::compareUnsigned);
    for (int i = 0; i < 20_000; i++) {
      if (random.nextInt(5) < 3) {
        long ts = random.nextInt(10) == 0 ? -random.nextInt(1, 1000) : random.nextInt(100_000);
        heap.add(new OrderEntry(ts, i, i, 1, i, 2));
        model.add(ts);
      } else if (!model.isEmpty()) {
        assertThat(heap.firstTs()).isEqualTo(model.peek());
        assertThat(heap.remove().commitTs()).isEqualTo(model.remove());
      }
      assertThat(heap.size()).isEqualTo(model.size());
    }
  }

  @Test
  void prewriteList_marks_fallToTheFrontAsPrewritesAreSettled() {
    PrewriteList list = new PrewriteList();
    list.raiseLastMark(5);
    assertThat(list.settledMark()).isEqualTo(5);
    list.add(10, 0, 1, 0);
    list.raiseLastMark(11);
    list.add(20, 1, 1, 0);
    list.raiseLastMark(21);

    list.remove(list.find(20));
    assertThat(list.settledMark()).isEqualTo(5);
    list.remove(list.find(10));
    assertThat(list.settledMark()).isEqualTo(21);
    assertThat(list.size()).isZero();
  }

  @Test
  void settledStarts_beyondItsBound_forgetsTheOldest() {
    SettledStarts starts = new SettledStarts();
    starts.hold(1);
    for (long i = 10; i < 10 + SettledStarts.REMEMBERED + 5; i++) {
      starts.add(i);
    }
    assertThat(starts.contains(1)).as("held").isTrue();
    assertThat(starts.contains(12)).isFalse();
    assertThat(starts.contains(15)).isTrue();
  }

  @Test
  void tableIds_ofAPrewriteValue_areFoundWithoutRows() {
    var value =
        org.tidbbinlog.wire.payload.PrewriteValue.newBuilder()
            .setSchemaVersion(30)
            .addMutations(
                org.tidbbinlog.wire.payload.TableMutation.newBuilder()
                    .setTableId(77)
                    .addInsertedRows(com.google.protobuf.ByteString.copyFrom(new byte[500])))
            .addMutations(org.tidbbinlog.wire.payload.TableMutation.newBuilder().setTableId(300))
            .build();

    assertThat(TableIds.of(java.nio.ByteBuffer.wrap(value.toByteArray())))
        .isEqualTo(List.of(77L, 300L));
    assertThat(TableIds.of(java.nio.ByteBuffer.wrap(new byte[] {0x12, 0x7f, 1}))).isEmpty();
  }
}
