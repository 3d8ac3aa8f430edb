package org.tidbbinlog.drainer.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.tidbbinlog.drainer.sink.Divergences;

/** The member {@code Divergence} of {@code /status}. */
final class DivergenceJson {
  private DivergenceJson() {}

  static ObjectNode of(DrainerSettings.OnDivergence policy, Divergences seen) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put(
        "policy",
        switch (policy) {
          case WARN -> "warn";
          case STOP -> "stop";
        });
    node.put("count", seen.count());
    ArrayNode recent = node.putArray("recent");
    seen.recent()
        .forEach(
            one ->
                recent
                    .addObject()
                    .put("time", one.time().toString())
                    .put("commitTS", one.commitTs().value())
                    .put("table", one.table())
                    .put("key", one.key())
                    .put("what", one.what()));
    return node;
  }
}
