package org.tidbbinlog.pump.storage;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.pump.storage.proof.ProofHeader;

/** What a newer version wrote is refused in words, and left as it is. */
@Timeout(60)
class FormatTest {
  private final Rig rig = new Rig();

  @BeforeEach
  void fill() throws Exception {
    rig.write(Records.prewrite(10, new byte[3000]), Records.commit(10, 11));
    rig.settle();
    while (rig.engine.proveStep()) {}
    rig.engine.close();
  }

  @Test
  void directory_saysItsFormat() {
    assertThat(text("format")).isEqualTo("pump data directory format 1\n");
    rig.open();
    assertThat(rig.pulledTs(0)).containsExactly(11L);
  }

  @Test
  void directoryOfANewerFormat_isRefused() {
    put("format", "pump data directory format 2\n");
    assertRefused("format 2");
  }

  @Test
  void directoryOfSomethingElse_isRefused() {
    put("format", "photographs\n");
    assertRefused("pump data directory format");
  }

  @Test
  void stateOfANewerVersion_isRefused_andNotTakenForNone() {
    String state = text("storage.state");
    String body = state.substring(0, state.lastIndexOf("crc32c")).replace("state v1", "state v2");
    String crc = Integer.toHexString(Frame.crc(ByteBuffer.wrap(body.getBytes(UTF_8))));
    put("storage.state", body + "crc32c " + crc + "\n");
    assertRefused("storage.state");
  }

  @Test
  void proofOfANewerVersion_isRefused() {
    byte[] proof = rig.disk.content("proof/000000.proof");
    ProofHeader header = ProofHeader.decode(ByteBuffer.wrap(proof)).orElseThrow();
    ByteBuffer newer =
        new ProofHeader(2, header.segment(), header.fingerprint(), header.before()).encode();
    newer.get(0, proof, 0, ProofHeader.BYTES);
    rig.disk.replace("proof/000000.proof", proof);
    assertRefused("proof/000000.proof");
  }

  @Test
  void orderLogOfANewerVersion_isMadeAgain() {
    for (String name : List.copyOf(rig.disk.list("order"))) {
      byte[] order = rig.disk.content("order/" + name);
      order[11] = 2;
      ByteBuffer bytes = ByteBuffer.wrap(order);
      bytes.putInt(60, Frame.crc(bytes.slice(0, 60)));
      rig.disk.replace("order/" + name, order);
    }
    rig.open();
    rig.sort();
    assertThat(rig.pulledTs(0)).containsExactly(11L);
  }

  private void assertRefused(String what) {
    Map<String, String> before = contents();
    assertThatThrownBy(rig::open)
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining(what)
        .hasMessageContaining("-data-dir");
    assertThat(contents()).isEqualTo(before);
  }

  private Map<String, String> contents() {
    Map<String, String> all = new HashMap<>();
    rig.disk.all().forEach(name -> all.put(name, text(name)));
    return all;
  }

  private String text(String file) {
    return new String(rig.disk.content(file), ISO_8859_1);
  }

  private void put(String file, String text) {
    rig.disk.replace(file, text.getBytes(UTF_8));
  }
}
