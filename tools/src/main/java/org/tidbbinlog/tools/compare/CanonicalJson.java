package org.tidbbinlog.tools.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.TreeMap;

/**
 * JSON in one form: keys sorted, no spaces, numbers by value. Text that is no JSON stays itself.
 */
final class CanonicalJson {
  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private CanonicalJson() {}

  static String of(String text) {
    try {
      StringBuilder out = new StringBuilder(text.length());
      write(MAPPER.readTree(text), out);
      return out.toString();
    } catch (JsonProcessingException e) {
      return text;
    }
  }

  private static void write(JsonNode node, StringBuilder out) throws JsonProcessingException {
    if (node.isObject()) {
      TreeMap<String, JsonNode> sorted = new TreeMap<>();
      node.properties().forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
      out.append('{');
      for (var entry : sorted.entrySet()) {
        out.append(MAPPER.writeValueAsString(entry.getKey())).append(':');
        write(entry.getValue(), out);
        out.append(',');
      }
      out.append('}');
    } else if (node.isArray()) {
      out.append('[');
      for (JsonNode element : node) {
        write(element, out);
        out.append(',');
      }
      out.append(']');
    } else if (node.isNumber()) {
      var number = node.decimalValue().stripTrailingZeros();
      out.append(number.signum() == 0 ? "0" : number.toString());
    } else {
      out.append(MAPPER.writeValueAsString(node));
    }
  }
}
