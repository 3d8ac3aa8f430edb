package org.tidbbinlog.tools.stage;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.TreeMap;
import org.tidbbinlog.base.Tso;

/**
 * How far a Drainer says it is.
 *
 * @param applied up to here the target has everything
 * @param queued transactions between the merge and the target
 * @param applying of the transaction that takes long: "N of M rows", or empty
 * @param merging transactions that wait for the other Pumps' watermarks, by Pump
 */
public record DrainerProgress(
    Tso applied, long queued, String applying, Map<String, Long> merging) {
  public DrainerProgress {
    merging = Map.copyOf(merging);
  }

  private static String applying(JsonNode one) {
    return one.isObject()
        ? "%,d of %,d rows"
            .formatted(one.path("rowsApplied").asLong(), one.path("rowsTotal").asLong())
        : "";
  }

  static DrainerProgress of(JsonNode status) {
    Map<String, Long> merging = new TreeMap<>();
    for (JsonNode pump : status.path("Merge")) {
      merging.put(pump.path("pump").asText(), pump.path("queuedItems").asLong());
    }
    return new DrainerProgress(
        new Tso(status.path("AppliedTS").asLong()),
        status.path("Queued").asLong(),
        applying(status.path("Applying")),
        merging);
  }
}
