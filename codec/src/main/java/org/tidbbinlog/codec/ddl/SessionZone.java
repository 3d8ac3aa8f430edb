package org.tidbbinlog.codec.ddl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.codec.json.JsonText;

/**
 * The time zone of the session that ran a DDL: {@code reorg_meta.location}. Source: ddl-meta
 * section 2.
 *
 * @param name of the time zone database; empty for a zone that was given as an offset
 * @param offsetSeconds east of Greenwich, when the job was made
 */
public record SessionZone(String name, int offsetSeconds) {
  /** Null when the job does not tell. */
  static @Nullable SessionZone parse(JsonNode job) {
    JsonNode meta = job.path("reorg_meta");
    if (!meta.isObject() || !JsonText.hasObject(meta, "location")) {
      return null;
    }
    JsonNode location = meta.path("location");
    return new SessionZone(
        JsonText.text(location, "name"), JsonText.integer(location, "offset", 0));
  }

  ObjectNode toReorgMeta() {
    ObjectNode meta = JsonText.newObject();
    meta.putObject("location").put("name", name).put("offset", offsetSeconds);
    return meta;
  }
}
