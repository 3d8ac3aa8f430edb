package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SendBudgetTest {
  private static final long MIB = 1 << 20;

  private final SendBudget budget = new SendBudget(10 * MIB);
  private final List<String> woken = new ArrayList<>();

  private SendBudget.Share share(String name) {
    return budget.share(() -> woken.add(name));
  }

  @Test
  void smallRecords_alwaysPass() {
    assertThat(share("a").tryTake(10 * MIB)).isTrue();
    assertThat(share("b").tryTake(MIB - 1)).isTrue();
  }

  @Test
  void recordLargerThanTheBudget_passesAlone() {
    SendBudget.Share a = share("a");
    SendBudget.Share b = share("b");
    assertThat(a.tryTake(100 * MIB)).isTrue();
    assertThat(b.tryTake(MIB)).isFalse();
    a.giveBack();
    assertThat(woken).containsExactly("b");
    assertThat(b.tryTake(100 * MIB)).isTrue();
  }

  @Test
  void refusedStreams_getTheirShareInTurn() {
    SendBudget.Share a = share("a");
    SendBudget.Share b = share("b");
    SendBudget.Share c = share("c");
    assertThat(a.tryTake(6 * MIB)).isTrue();
    assertThat(b.tryTake(6 * MIB)).isFalse();
    assertThat(c.tryTake(2 * MIB)).as("b came first").isFalse();
    a.giveBack();
    assertThat(woken).containsExactly("b");
    assertThat(b.tryTake(6 * MIB)).isTrue();
    assertThat(woken).as("c fits beside it").containsExactly("b", "c");
    assertThat(c.tryTake(2 * MIB)).isTrue();
  }

  @Test
  void streamThatEndsWhileItWaits_makesRoomForTheNext() {
    SendBudget.Share a = share("a");
    SendBudget.Share b = share("b");
    SendBudget.Share c = share("c");
    assertThat(a.tryTake(6 * MIB)).isTrue();
    assertThat(b.tryTake(6 * MIB)).isFalse();
    assertThat(c.tryTake(2 * MIB)).isFalse();
    b.leave();
    assertThat(woken).containsExactly("c");
    assertThat(c.tryTake(2 * MIB)).isTrue();
  }

  @Test
  void endOfAStream_givesBackWhatItHeld() {
    SendBudget.Share a = share("a");
    SendBudget.Share b = share("b");
    assertThat(a.tryTake(6 * MIB)).isTrue();
    assertThat(b.tryTake(6 * MIB)).isFalse();
    a.leave();
    assertThat(b.tryTake(6 * MIB)).isTrue();
  }
}
