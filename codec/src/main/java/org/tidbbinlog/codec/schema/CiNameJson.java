package org.tidbbinlog.codec.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.tidbbinlog.codec.json.JsonText;

/** Names: {@code {"O": original, "L": lower}}, in old data a plain string. */
final class CiNameJson {
  private CiNameJson() {}

  static CiName parse(JsonNode node, String name) {
    JsonNode value = node.path(name);
    if (!value.isObject()) {
      return CiName.of(JsonText.text(node, name));
    }
    CiName original = CiName.of(JsonText.text(value, "O"));
    String lower = JsonText.text(value, "L");
    return lower.isEmpty() ? original : new CiName(original.original(), lower);
  }

  static ObjectNode write(CiName name) {
    return JsonText.newObject().put("O", name.original()).put("L", name.lower());
  }
}
