package org.tidbbinlog.cluster.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;

class NodeJsonTest {
  private static Optional<NodeStatus> read(String json) throws IOException {
    return NodeJson.read(NodeKind.PUMP, "key-id", json.getBytes(UTF_8));
  }

  @Test
  void write_oddCharacters_areEscapedAsGoDoes() throws IOException {
    String id = "a<b>&\"\\\n\r\t\b\u0001\u007f\u2028\u2029\u00e9\ud83d\ude00\ud83d";
    NodeStatus node =
        new NodeStatus(NodeKind.PUMP, id, "h:1", NodeState.PAUSING, Tso.ZERO, Tso.ZERO);
    assertThat(new String(NodeJson.write(node), UTF_8))
        .isEqualTo(
            "{\"nodeId\":\"a\\u003cb\\u003e\\u0026\\\"\\\\\\n\\r\\t\\u0008\\u0001\u007f\\u2028\\u2029"
                + "\u00e9\ud83d\ude00\\ufffd\",\"host\":\"h:1\",\"state\":\"pausing\","
                + "\"isAlive\":false,\"score\":0,\"label\":null,\"maxCommitTS\":0,\"updateTS\":0}");
    assertThat(read(new String(NodeJson.write(node), UTF_8)).orElseThrow().nodeId())
        .isEqualTo(id.substring(0, id.length() - 1) + '\ufffd');
  }

  @Test
  void read_observedValue_isUnderstood() throws IOException {
    assertThat(
            read(
                "{\"nodeId\":\"vm:18250\",\"host\":\"127.0.0.1:18250\",\"state\":\"online\","
                    + "\"isAlive\":false,\"score\":0,\"label\":null,"
                    + "\"maxCommitTS\":470642694566445065,\"updateTS\":470642695090995201}"))
        .contains(
            new NodeStatus(
                NodeKind.PUMP,
                "vm:18250",
                "127.0.0.1:18250",
                NodeState.ONLINE,
                new Tso(470642694566445065L),
                new Tso(470642695090995201L)));
  }

  @Test
  void read_otherCaseUnknownAndMissingNames_areTolerated() throws IOException {
    assertThat(
            read(
                "{\"STATE\":\"paused\",\"x\":{\"state\":\"online\"},\"MaxCommitTs\":5,\"host\":null}"))
        .contains(
            new NodeStatus(NodeKind.PUMP, "key-id", "", NodeState.PAUSED, new Tso(5), Tso.ZERO));
  }

  @Test
  void read_null_isNoNode() throws IOException {
    assertThat(read(" null ")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "1",
        "{\"state\":\"x\"}",
        "{\"state\":1}",
        "{}",
        "{\"state\":\"online\",\"maxCommitTS\":1.5}",
        "{\"state\":\"online\"} x",
        "{\"state\":\"online\",\"updateTS\":99999999999999999999}"
      })
  void read_garbage_isAnError(String json) {
    assertThatThrownBy(() -> read(json)).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"state\":\"online\"}",
        "{\"a\" : 1 , \"state\" : null , \"b\":[1]}",
        "{\"state\":12,\"b\":1}",
        "{\"b\":1,\"state\":{\"x\":\"}\"}}",
        "{\"nodeId\":\"\u00e9\ud83d\ude00\",\"state\":\"on\\\"line\"}",
        "{\"b\":1e5}",
        "{ }"
      })
  void withState_anyOldValue_isExchanged(String json) throws IOException {
    byte[] changed = NodeJson.withState(json.getBytes(UTF_8), NodeState.CLOSING);
    assertThat(read(new String(changed, UTF_8)).orElseThrow().state()).isEqualTo(NodeState.CLOSING);
    String expected =
        json.contains("\"state\"")
            ? json.replaceFirst(
                "\"state\"( ?: ?)(null|12|\\{.*?\\}\"\\}|\"on.*line\")", "\"state\"$1\"closing\"")
            : json.replaceFirst(
                "( ?)\\}$",
                json.equals("{ }") ? " \"state\":\"closing\"}" : ",\"state\":\"closing\"}");
    assertThat(new String(changed, UTF_8)).isEqualTo(expected);
  }
}
