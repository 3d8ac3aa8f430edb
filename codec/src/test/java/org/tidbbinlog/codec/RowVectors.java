package org.tidbbinlog.codec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.StreamSupport;

/** The verified vectors of the original's encoder. */
public final class RowVectors {
  private static final JsonNode ALL = read();

  private RowVectors() {}

  /** The vectors of one list: cells, rows, keys, meta or mutations. */
  public static List<JsonNode> list(String name) {
    return StreamSupport.stream(ALL.get(name).spliterator(), false).toList();
  }

  /** The vector of that name, which has to be there once. */
  public static JsonNode named(String list, String name) {
    List<JsonNode> found =
        list(list).stream().filter(each -> each.get("name").asText().equals(name)).toList();
    if (found.size() != 1) {
      throw new IllegalArgumentException(found.size() + " vectors named " + name);
    }
    return found.get(0);
  }

  public static byte[] bytes(JsonNode vector) {
    return HexFormat.of().parseHex(vector.get("hex").asText());
  }

  private static JsonNode read() {
    try (InputStream in =
        Objects.requireNonNull(RowVectors.class.getResourceAsStream("/row-vectors.json"))) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
