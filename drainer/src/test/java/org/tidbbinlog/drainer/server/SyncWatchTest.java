package org.tidbbinlog.drainer.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.drainer.source.PulledBinlog;

/** Upstream's clock is an hour ahead of ours. */
class SyncWatchTest {
  private static final Duration SKEW = Duration.ofHours(1);

  private final Hands hands = new Hands();
  private final SyncWatch watch = new SyncWatch(hands, Duration.ofMinutes(5));

  /** A clock that is moved by hand. */
  private static final class Hands implements Clock {
    private long nanos = 77;
    private Duration stepped = Duration.ZERO;

    /** Somebody sets the host's clock. */
    void step(Duration by) {
      stepped = stepped.plus(by);
    }

    void pass(Duration time) {
      nanos += time.toNanos();
    }

    @Override
    public Instant now() {
      return Instant.ofEpochSecond(1_700_000_000).plusNanos(nanos).plus(stepped);
    }

    @Override
    public long nanoTime() {
      return nanos;
    }

    @Override
    public void sleep(Duration time) {
      pass(time);
    }
  }

  @BeforeEach
  void started() {
    watch.upstreamTime(upstreamNow());
  }

  @Test
  void idleUpstreamWithHeartbeats_isSyncedWhenTheTimeHasPassed() {
    applied(transactionAt(upstreamNow()));
    for (int i = 0; i < 100; i++) {
      hands.pass(Duration.ofSeconds(3));
      watch.upstreamTime(upstreamNow());
      applied(heartbeat());
      assertThat(watch.isSynced()).isFalse();
    }
    hands.pass(Duration.ofSeconds(3));
    applied(heartbeat());
    assertThat(watch.isSynced()).isTrue();
    applied(transactionAt(upstreamNow()));
    assertThat(watch.isSynced()).isFalse();
  }

  @Test
  void hostClockThatWasAheadAndIsSetBack_doesNotHideSilentPumps() {
    hands.step(Duration.ofMinutes(10));
    Tso real = Tso.at(hands.now().plus(SKEW));
    watch.upstreamTime(real);
    applied(new SinkItem.Progress(real, 1, new StageTimes()));
    hands.pass(Duration.ofMinutes(9));
    hands.step(Duration.ofMinutes(-10));
    assertThat(watch.isSynced()).as("no Pump said anything for nine minutes").isFalse();
  }

  @Test
  void hostClockThatIsSetBackBetweenTwoAnswersOfPd_changesNothing() {
    idleForTenMinutes();
    hands.pass(Duration.ofSeconds(31));
    hands.step(Duration.ofMinutes(-10));
    assertThat(watch.isSynced()).isFalse();
    hands.step(Duration.ofMinutes(20));
    applied(new SinkItem.Progress(Tso.at(realNow()), 1, new StageTimes()));
    assertThat(watch.isSynced()).isTrue();
  }

  /** A suspended machine's monotonic clock stands still, PD's does not. */
  @Test
  void machineThatSlept_learnsOfItFromPd() {
    idleForTenMinutes();
    assertThat(watch.isSynced()).isTrue();
    watch.upstreamTime(Tso.at(realNow().plus(Duration.ofMinutes(10))));
    assertThat(watch.isSynced()).isFalse();
  }

  @Test
  void pdThatIsAway_doesNotMakeItSynced() throws Exception {
    idleForTenMinutes();
    boolean[] away = {true};
    UpstreamClock pd =
        new UpstreamClock(
            () -> {
              if (away[0]) {
                throw new RetryableException("no PD", new IllegalStateException());
              }
              return upstreamNow();
            },
            watch::upstreamTime,
            hands,
            failure -> {});
    for (int i = 0; i < 6; i++) {
      hands.pass(Duration.ofSeconds(10));
      pd.ask();
    }
    applied(heartbeat());
    assertThat(watch.isSynced()).as("not heard of PD for a minute").isFalse();
    away[0] = false;
    pd.ask();
    assertThat(watch.isSynced()).isTrue();
  }

  private Instant realNow() {
    return hands.now().minus(hands.stepped).plus(SKEW);
  }

  @Test
  void stalledPumpOrMerge_isNotSynced() {
    idleForTenMinutes();
    assertThat(watch.isSynced()).isTrue();
    hands.pass(Duration.ofSeconds(31));
    assertThat(watch.isSynced()).isFalse();
    hands.pass(Duration.ofHours(1));
    watch.upstreamTime(upstreamNow());
    assertThat(watch.isSynced()).isFalse();
    applied(heartbeat());
    assertThat(watch.isSynced()).isTrue();
  }

  @Test
  void whatWasReceivedAndIsNotApplied_isNotSynced() {
    idleForTenMinutes();
    hands.pass(Duration.ofSeconds(1));
    watch.received(binlog(upstreamNow(), false));
    assertThat(watch.isSynced()).isFalse();
  }

  @Test
  void pumpThatSendsAnOldBacklogOfFilteredRows_isNotSynced() {
    hands.pass(Duration.ofMinutes(10));
    watch.upstreamTime(upstreamNow());
    Tso old = Tso.at(hands.now().plus(SKEW).minus(Duration.ofDays(1)));
    watch.received(binlog(old, false));
    applied(new SinkItem.Progress(old, 1, new StageTimes()));
    assertThat(watch.isSynced()).isFalse();
  }

  @Test
  void beforeAnythingWasSeen_isNotSynced() {
    hands.pass(Duration.ofHours(1));
    watch.upstreamTime(upstreamNow());
    assertThat(watch.isSynced()).isFalse();
  }

  private void idleForTenMinutes() {
    hands.pass(Duration.ofMinutes(10));
    watch.upstreamTime(upstreamNow());
    applied(heartbeat());
  }

  private void applied(SinkItem item) {
    watch.received(binlog(item.commitTs(), item.kind() == SinkItem.Kind.PROGRESS));
    watch.acknowledged(item);
  }

  private SinkItem heartbeat() {
    return new SinkItem.Progress(upstreamNow(), 1, new StageTimes());
  }

  private static SinkItem transactionAt(Tso ts) {
    return new SinkItem.Transaction(ts, ts, 1, NoRows.NONE, new StageTimes());
  }

  private Tso upstreamNow() {
    return Tso.at(hands.now().plus(SKEW));
  }

  private static PulledBinlog binlog(Tso ts, boolean fake) {
    return new PulledBinlog(
        "p", fake ? ts : new Tso(ts.value() - 1), ts, Payload.EMPTY, new StageTimes());
  }

  /** A transaction of no interest. */
  private enum NoRows implements org.tidbbinlog.drainer.sink.TransactionRows {
    NONE;

    @Override
    public java.util.Iterator<org.tidbbinlog.drainer.sink.RowChange> iterator() {
      return java.util.Collections.emptyIterator();
    }

    @Override
    public int count() {
      return 0;
    }

    @Override
    public long schemaVersion() {
      return 0;
    }

    @Override
    public long sizeBytes() {
      return 0;
    }
  }
}
