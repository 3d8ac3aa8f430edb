package org.tidbbinlog.sinks.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Sink;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.SinkListener;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.sinks.LentRows;

/** Rows on their way through the relay log are given back, also when they do not arrive. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class RelaySinkTest {
  @TempDir Path folder = Path.of("");
  private final List<LentRows> lent = new ArrayList<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final List<SinkItem> taken = new CopyOnWriteArrayList<>();

  private final SinkListener listener =
      new SinkListener() {
        @Override
        public void onAcknowledged(SinkItem item) {}

        @Override
        public void onFailure(Throwable cause) {
          failures.add(cause);
        }
      };

  /** What comes stays with it until it ends. */
  private class Behind implements Sink {
    @Override
    public void submit(SinkItem item) throws InterruptedException {
      taken.add(item);
      take();
    }

    void take() throws InterruptedException {
      new CountDownLatch(1).await();
    }

    @Override
    public boolean drain(Duration limit) {
      return false;
    }

    @Override
    public void close() {
      taken.forEach(SinkItem::giveRowsBack);
    }
  }

  private SinkItem lend(long commitTs) {
    LentRows rows = new LentRows();
    lent.add(rows);
    return rows.at(commitTs);
  }

  private RelaySink open(Sink behind) {
    return new RelaySink(behind, RelayLog.open(folder, 1 << 20, 7, Tso.ZERO), listener);
  }

  @Test
  void rowsThatWaitWhenItEnds_areGivenBack() throws Exception {
    RelaySink sink = open(new Behind());
    for (int i = 1; i <= 10; i++) {
      sink.submit(lend(i));
      await().until(() -> !taken.isEmpty());
    }
    sink.close();
    assertThat(lent).extracting(LentRows::releases).containsOnly(1);
  }

  @Test
  void rowsBehindAFailure_areGivenBack() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    RelaySink sink =
        open(
            new Behind() {
              @Override
              void take() throws InterruptedException {
                go.await();
                throw new IllegalStateException("target is gone");
              }
            });
    for (int i = 1; i <= 10; i++) {
      sink.submit(lend(i));
      await().until(() -> !taken.isEmpty());
    }
    go.countDown();
    await().until(() -> !failures.isEmpty());
    assertThatThrownBy(() -> sink.submit(lend(11))).hasMessage("target is gone");
    sink.close();
    assertThat(lent).extracting(LentRows::releases).containsOnly(1);
  }

  /** Has no room from the second item on, as behind a DDL that is held. */
  private final class FullSink extends Behind {
    private final CountDownLatch over = new CountDownLatch(1);

    @Override
    void take() throws InterruptedException {
      if (taken.size() > 1) {
        taken.remove(1);
        over.await();
        throw new InterruptedException("takes no more");
      }
    }

    @Override
    public void takeNoMore() {
      over.countDown();
    }

    @Override
    public boolean drain(Duration limit) {
      return true;
    }
  }

  /** An orderly stop, decision 0077. */
  @Test
  void stopWhileTheSinkHasNoRoom_endsWhoWaits_andIsNoFailure() throws Exception {
    RelaySink sink = open(new FullSink());
    CompletableFuture<Void> feed = new CompletableFuture<>();
    Thread feeder =
        new Thread(
            () -> {
              try {
                for (int i = 1; i <= 1_000; i++) {
                  sink.submit(new SinkItem.Progress(new Tso(i), 1, new StageTimes()));
                }
                feed.complete(null);
              } catch (InterruptedException | RuntimeException e) {
                feed.completeExceptionally(e);
              }
            },
            "test-feed");
    feeder.start();
    await().until(() -> !taken.isEmpty() && feeder.getState() == Thread.State.WAITING);
    sink.takeNoMore();
    assertThatThrownBy(() -> feed.get(20, TimeUnit.SECONDS))
        .hasCauseInstanceOf(InterruptedException.class);
    assertThat(sink.drain(Duration.ofSeconds(20))).as("nothing is half done").isTrue();
    assertThat(taken).extracting(item -> item.commitTs().value()).containsExactly(1L);
    assertThat(failures).isEmpty();
    sink.close();
  }
}
