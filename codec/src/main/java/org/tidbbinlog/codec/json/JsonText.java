package org.tidbbinlog.codec.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.tidbbinlog.codec.DecodeException;

/**
 * TiDB's JSON texts, read leniently: unknown names are ignored, null stands for every object and
 * array, unsigned numbers above 2^63 keep their 64 bits. Source: ddl-meta sections 2 and 8.
 */
public final class JsonText {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private JsonText() {}

  /**
   * @throws DecodeException when it is not one JSON object
   */
  public static JsonNode parseObject(byte[] text, String what) {
    JsonNode node;
    try {
      node = MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      int offset = (int) Math.max(0, e.getLocation() == null ? 0 : e.getLocation().getByteOffset());
      throw new DecodeException(what + ": not JSON", offset, firstLine(e.getOriginalMessage()));
    } catch (IOException e) {
      throw new DecodeException(what + ": not JSON text", 0, firstLine(String.valueOf(e)));
    }
    if (!node.isObject()) {
      throw new DecodeException(what + ": a JSON object was expected", 0);
    }
    return node;
  }

  public static byte[] write(JsonNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree cannot be written", e);
    }
  }

  public static ObjectNode newObject() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** A 64-bit number, signed or unsigned; 0 when absent or null. */
  public static long number(JsonNode node, String name) {
    JsonNode value = node.path(name);
    if (absent(value)) {
      return 0;
    }
    if (!value.isNumber()) {
      throw wrongType(name, "a number");
    }
    return value.isBigInteger() ? value.bigIntegerValue().longValue() : value.longValue();
  }

  /** An int, cut to its low 32 bits; {@code whenAbsent} when absent or null. */
  public static int integer(JsonNode node, String name, int whenAbsent) {
    return absent(node.path(name)) ? whenAbsent : (int) number(node, name);
  }

  /** Empty when absent or null. */
  public static String text(JsonNode node, String name) {
    JsonNode value = node.path(name);
    if (absent(value)) {
      return "";
    }
    if (!value.isValueNode()) {
      throw wrongType(name, "a text");
    }
    return value.asText();
  }

  /** False when absent or null. */
  public static boolean flag(JsonNode node, String name) {
    return node.path(name).asBoolean(false);
  }

  /** True when the name holds a JSON object. */
  public static boolean hasObject(JsonNode node, String name) {
    return node.path(name).isObject();
  }

  /** The elements of an array, each read by {@code reader}; none when absent or null. */
  public static <T> List<T> list(JsonNode node, String name, Function<JsonNode, T> reader) {
    JsonNode value = node.path(name);
    if (absent(value)) {
      return List.of();
    }
    if (!value.isArray()) {
      throw wrongType(name, "an array");
    }
    List<T> elements = new ArrayList<>(value.size());
    for (JsonNode element : value) {
      if (!element.isNull()) {
        elements.add(reader.apply(element));
      }
    }
    return elements;
  }

  private static boolean absent(JsonNode value) {
    return value.isMissingNode() || value.isNull();
  }

  private static DecodeException wrongType(String name, String expected) {
    return new DecodeException("JSON name " + name + ": " + expected + " was expected", 0);
  }

  private static String firstLine(String message) {
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
