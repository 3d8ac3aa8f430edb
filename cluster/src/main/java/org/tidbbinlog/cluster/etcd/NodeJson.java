package org.tidbbinlog.cluster.etcd;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;

/**
 * A node's registry value, byte for byte as Go writes it and as leniently as Go reads it: names in
 * any case, unknown names ignored, missing ones zero. Source: registry section 2.
 *
 * <pre>
 * {"nodeId":"vm:8250","host":"10.0.0.1:8250","state":"online","isAlive":false,"score":0,
 *  "label":null,"maxCommitTS":470642694566445065,"updateTS":470642695090995201}
 * </pre>
 */
final class NodeJson {
  private static final JsonFactory JSON = new JsonFactory();

  private NodeJson() {}

  /** The value of a node: alive false, score 0, no labels, as Go leaves them. */
  static byte[] write(NodeStatus node) {
    StringBuilder out = new StringBuilder(200);
    out.append("{\"nodeId\":");
    GoJson.quote(node.nodeId(), out);
    out.append(",\"host\":");
    GoJson.quote(node.host(), out);
    out.append(",\"state\":\"").append(node.state().text());
    out.append("\",\"isAlive\":false,\"score\":0,\"label\":null,\"maxCommitTS\":");
    out.append(node.maxCommitTs().value());
    out.append(",\"updateTS\":").append(node.updateTs().value()).append('}');
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Empty for JSON {@code null}. */
  static Optional<NodeStatus> read(NodeKind kind, String keyId, byte[] value) throws IOException {
    try (JsonParser in = JSON.createParser(value)) {
      JsonToken start = in.nextToken();
      if (start == JsonToken.VALUE_NULL) {
        return Optional.empty();
      }
      if (start != JsonToken.START_OBJECT) {
        throw new IOException("not a JSON object");
      }
      Fields fields = new Fields(keyId);
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        fields.take(in.currentName(), in);
      }
      requireEnd(in);
      return Optional.of(fields.node(kind));
    }
  }

  /** The same bytes with only the state's value exchanged; added when there is none. */
  static byte[] withState(byte[] value, NodeState state) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream(value.length + 16);
    byte[] text = ('"' + state.text() + '"').getBytes(StandardCharsets.UTF_8);
    int copied = 0;
    boolean found = false;
    boolean empty = true;
    try (JsonParser in = JSON.createParser(value)) {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not a JSON object");
      }
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        empty = false;
        boolean isState = is("state", in.currentName());
        in.nextToken();
        int from = (int) in.currentTokenLocation().getByteOffset();
        in.skipChildren();
        if (in.currentToken().isScalarValue()) {
          in.finishToken();
        }
        if (isState) {
          out.write(value, copied, from - copied);
          out.write(text);
          copied = (int) in.currentLocation().getByteOffset();
          found = true;
        }
      }
      int close = (int) in.currentTokenLocation().getByteOffset();
      requireEnd(in);
      out.write(value, copied, close - copied);
      if (!found) {
        out.write(
            ((empty ? "" : ",") + "\"state\":" + '"' + state.text() + '"')
                .getBytes(StandardCharsets.UTF_8));
      }
      out.write(value, close, value.length - close);
    }
    return out.toByteArray();
  }

  private static void requireEnd(JsonParser in) throws IOException {
    if (in.currentToken() != JsonToken.END_OBJECT || in.nextToken() != null) {
      throw new IOException("text after the JSON object");
    }
  }

  private static boolean is(String wanted, String name) {
    return wanted.equalsIgnoreCase(name);
  }

  /** What a value says so far. */
  private static final class Fields {
    private String nodeId;
    private String host = "";
    private String state = "";
    private long maxCommitTs;
    private long updateTs;

    Fields(String keyId) {
      this.nodeId = keyId;
    }

    void take(String name, JsonParser in) throws IOException {
      JsonToken token = in.nextToken();
      switch (name.toLowerCase(Locale.ROOT)) {
        case "nodeid" -> nodeId = text(in, token, nodeId);
        case "host" -> host = text(in, token, host);
        case "state" -> state = text(in, token, state);
        case "maxcommitts" -> maxCommitTs = number(in, token, maxCommitTs);
        case "updatets" -> updateTs = number(in, token, updateTs);
        default -> in.skipChildren();
      }
    }

    private static String text(JsonParser in, JsonToken token, String old) throws IOException {
      if (token == JsonToken.VALUE_NULL) {
        return old;
      }
      if (token != JsonToken.VALUE_STRING) {
        throw new IOException(in.currentName() + " is not a string");
      }
      return in.getText();
    }

    private static long number(JsonParser in, JsonToken token, long old) throws IOException {
      if (token == JsonToken.VALUE_NULL) {
        return old;
      }
      if (token != JsonToken.VALUE_NUMBER_INT) {
        throw new IOException(in.currentName() + " is not an integer");
      }
      return in.getLongValue();
    }

    NodeStatus node(NodeKind kind) throws IOException {
      String known = state;
      NodeState parsed =
          NodeState.of(state).orElseThrow(() -> new IOException("unknown state '" + known + "'"));
      return new NodeStatus(kind, nodeId, host, parsed, new Tso(maxCommitTs), new Tso(updateTs));
    }
  }
}
