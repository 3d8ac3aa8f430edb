package org.tidbbinlog.cluster.pd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.TestLinks;
import org.tidbbinlog.cluster.net.Links;
import org.tidbbinlog.cluster.net.PdUrls;
import org.tidbbinlog.cluster.pd.TsoStream.Range;
import org.tidbbinlog.testkit.pd.Answering;
import org.tidbbinlog.testkit.pd.PdDouble;
import org.tidbbinlog.wire.pd.Timestamp;

@Timeout(60)
class PdTimeSourceTest {
  private final PdDouble pd = PdDouble.start(11, List.of(0, 0, 0), Clock.system());
  private final Links links = TestLinks.open();
  private final PdClient client = discover();
  private final PdTimeSource time =
      new PdTimeSource(client, links, Clock.system(), TestLinks.pdLimits());

  @AfterEach
  void close() {
    time.close();
    links.close();
    pd.close();
  }

  private PdClient discover() {
    try {
      return PdClient.discover(
          PdUrls.hostPorts(pd.urls()),
          links,
          TestLinks.policy(TestLinks.pdLimits().discovery()),
          TestLinks.pdLimits());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  @DisplayName("registry fact 8: a timestamp is physical * 262144 + logical, near the wall clock")
  void next_isCloseToTheClock() throws Exception {
    Tso ts = time.next();
    assertThat(ts.value()).isEqualTo(ts.physicalMs() * 262_144 + ts.logical());
    assertThat(ts.physicalMs())
        .isCloseTo(System.currentTimeMillis(), org.assertj.core.data.Offset.offset(5_000L));
  }

  @Test
  @DisplayName("tikv-access fact 10: physical << 18 | logical round trip")
  void tso_roundTrip() {
    Tso ts = Tso.of(1_795_358_602_319L, 7);
    assertThat((ts.physicalMs() << 18) | ts.logical()).isEqualTo(ts.value());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4})
  void next_manyThreads_areBatchedAndStrictlyIncreasing(int suffixBits) throws Exception {
    pd.useSuffixBits(suffixBits);
    Tso before = time.next();
    long requestsBefore = pd.tsoRequests();
    List<Tso> all = Collections.synchronizedList(new ArrayList<>());
    ExecutorService callers = Executors.newFixedThreadPool(32);
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      running.add(
          callers.submit(
              () -> {
                Tso last = before;
                for (int k = 0; k < 200; k++) {
                  Tso ts = time.next();
                  assertThat(ts).isGreaterThan(last);
                  last = ts;
                  all.add(ts);
                }
                return null;
              }));
    }
    for (Future<?> caller : running) {
      caller.get();
    }
    callers.shutdown();
    assertThat(new HashSet<>(all)).hasSize(6_400);
    assertThat(pd.tsoRequests() - requestsBefore).as("round trips").isLessThan(5_500);
    assertThat(pd.tsoStreams()).as("streams").isEqualTo(1);
    long suffix = suffixBits == 0 ? 0 : all.get(0).value() & 15;
    assertThat(all).allMatch(ts -> suffixBits == 0 || (ts.value() & 15) == suffix);
  }

  @Test
  void range_ofBatch_countsBackFromTheLast() {
    Timestamp last =
        Timestamp.newBuilder().setPhysical(1000).setLogical(0x53).setSuffixBits(4).build();
    Range range = Range.of(last, 3);
    assertThat(range.first()).isEqualTo(Tso.of(1000, 0x33));
    assertThat(range.at(1)).isEqualTo(Tso.of(1000, 0x43));
    assertThat(range.at(2)).isEqualTo(Tso.of(1000, 0x53));
    assertThat(Range.of(last.toBuilder().setSuffixBits(0).build(), 3).first())
        .isEqualTo(Tso.of(1000, 0x51));
  }

  @Test
  void next_leaderMoved_carriesOn() throws Exception {
    Tso last = time.next();
    for (int leader : new int[] {1, 2, 0}) {
      pd.moveLeaderTo(leader);
      Tso ts = time.next();
      assertThat(ts).isGreaterThan(last);
      last = ts;
    }
  }

  @Test
  void next_leaderDiesAndAnotherTakesOver_carriesOn() throws Exception {
    Tso before = time.next();
    pd.stop(0);
    pd.moveLeaderTo(2);
    assertThat(time.next()).isGreaterThan(before);
  }

  @Test
  void next_leaderFallsSilent_carriesOnWithTheNext() throws Exception {
    Tso before = time.next();
    pd.answer(0, Answering.NEVER);
    pd.moveLeaderTo(1);
    assertThat(time.next()).isGreaterThan(before);
  }

  @Test
  void next_pdAwayForLong_isRetryableAndRecovers() throws Exception {
    Tso before = time.next();
    pd.answerAll(Answering.REFUSING);
    assertThatThrownBy(time::next).isInstanceOf(RetryableException.class);
    pd.answerAll(Answering.NORMALLY);
    assertThat(time.next()).isGreaterThan(before);
  }

  @Test
  void next_allMembersMovedOneByOne_carriesOn() throws Exception {
    Tso last = time.next();
    for (int member = 0; member < 3; member++) {
      pd.move(member);
      pd.moveLeaderTo((member + 1) % 3);
      client.refreshMembers();
      Tso ts = time.next();
      assertThat(ts).isGreaterThan(last);
      last = ts;
    }
    assertThat(client.memberAddresses()).isEqualTo(PdUrls.hostPorts(pd.urls()));
  }

  @Test
  void next_afterClose_fails() {
    time.close();
    assertThatThrownBy(time::next).isInstanceOf(RetryableException.class);
  }
}
