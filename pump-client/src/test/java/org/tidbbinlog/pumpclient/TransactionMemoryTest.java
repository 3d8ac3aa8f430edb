package org.tidbbinlog.pumpclient;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.Tls;

class TransactionMemoryTest {
  private final Pump pump =
      new Pump(
          new NodeStatus(NodeKind.PUMP, "a", "h:1", NodeState.ONLINE, Tso.ZERO, Tso.ZERO),
          address -> Channels.open(address, Tls.plaintext()),
          Clock.system());

  @Test
  void remember_beyondTheLimit_forgetsTheOldest() {
    TransactionMemory memory = new TransactionMemory(3);
    for (long ts = 1; ts <= 5; ts++) {
      memory.remember(new Tso(ts), pump);
    }
    assertThat(memory.size()).isEqualTo(3);
    assertThat(memory.recall(new Tso(2))).isEmpty();
    assertThat(memory.recall(new Tso(3))).containsSame(pump);
    memory.forget(new Tso(3));
    assertThat(memory.recall(new Tso(3))).isEmpty();
  }
}
