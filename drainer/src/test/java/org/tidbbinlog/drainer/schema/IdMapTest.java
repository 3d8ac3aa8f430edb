package org.tidbbinlog.drainer.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IdMapTest {
  private static final long SEED = 20181225;

  @Test
  void random_changes_agree_with_a_hash_map_and_leave_old_versions_alone() {
    Random random = new Random(SEED);
    IdMap<String> map = IdMap.empty();
    Map<Long, String> model = new HashMap<>();
    List<IdMap<String>> versions = new ArrayList<>();
    List<Map<Long, String>> models = new ArrayList<>();
    for (int step = 0; step < 20_000; step++) {
      long id = random.nextInt(3) == 0 ? random.nextLong() : random.nextInt(500);
      if (random.nextInt(3) == 0) {
        map = map.without(id);
        model.remove(id);
      } else {
        map = map.with(id, "v" + step);
        model.put(id, "v" + step);
      }
      if (step % 1000 == 0) {
        versions.add(map);
        models.add(new HashMap<>(model));
      }
    }
    versions.add(map);
    models.add(model);
    for (int i = 0; i < versions.size(); i++) {
      assertThat(contents(versions.get(i))).as("seed %d", SEED).isEqualTo(models.get(i));
      assertThat(versions.get(i).size()).isEqualTo(models.get(i).size());
    }
  }

  @Test
  void iteration_order_depends_on_the_ids_only() {
    IdMap<Integer> up = IdMap.empty();
    IdMap<Integer> down = IdMap.empty();
    for (int i = 0; i < 2000; i++) {
      up = up.with(i * 7L, i);
      down = down.with((1999 - i) * 7L, 1999 - i);
    }
    down = down.with(1L, 0).without(1L);
    assertThat(up.values()).containsExactlyElementsOf(down.values());
  }

  private static Map<Long, String> contents(IdMap<String> map) {
    Map<Long, String> contents = new HashMap<>();
    map.forEach(contents::put);
    return contents;
  }
}
