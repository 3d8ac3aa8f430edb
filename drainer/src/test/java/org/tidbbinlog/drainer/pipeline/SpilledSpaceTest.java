package org.tidbbinlog.drainer.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.drainer.FakePump;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.CheckpointStore;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.Sink;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.SinkListener;
import org.tidbbinlog.drainer.sink.Target;
import org.tidbbinlog.drainer.sink.TransactionRows;

/**
 * The disk space of large transactions comes back when they are done with, whatever becomes of them
 * and without the garbage collector's help (I10).
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "what is mapped is read from /proc")
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SpilledSpaceTest {
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
  private static final Duration SHORT_LIMIT = Duration.ofMillis(300);

  @AutoClose private final SpillScene scene;
  private final Applied applied = new Applied();
  private final FakePump pump;

  SpilledSpaceTest(@TempDir Path folder) {
    this.scene = new SpillScene(folder.resolve("spill"));
    this.pump = scene.pump("a");
  }

  /** Reads all rows of each transaction, then lets them go. */
  private static final class Applied implements Target, CheckpointStore {
    final List<TransactionRows> rows = new CopyOnWriteArrayList<>();
    private final AtomicLong rowCount = new AtomicLong();
    private volatile Tso acknowledged = Tso.ZERO;
    private volatile boolean stuck;

    @Override
    public CheckpointStore checkpoints() {
      return this;
    }

    @Override
    public Optional<Checkpoint> load() {
      return Optional.empty();
    }

    @Override
    public void save(Checkpoint checkpoint) {}

    @Override
    public Sink open(Optional<Checkpoint> loaded, Tso start, SinkListener listener) {
      return new Sink() {
        @Override
        public void submit(SinkItem item) throws InterruptedException {
          if (item.kind() == SinkItem.Kind.TRANSACTION) {
            apply(((SinkItem.Transaction) item).rows());
          }
          acknowledged = item.commitTs();
          listener.onAcknowledged(item);
        }

        @Override
        public boolean drain(Duration limit) {
          return !stuck;
        }

        @Override
        public void close() {
          rows.forEach(TransactionRows::release);
        }
      };
    }

    private void apply(TransactionRows of) throws InterruptedException {
      rows.add(of);
      if (stuck) {
        new CountDownLatch(1).await();
      }
      for (RowChange unused : of) {
        rowCount.incrementAndGet();
      }
      of.release();
    }

    @Override
    public void close() {}
  }

  private void awaitAcknowledged(Tso commitTs) {
    await()
        .until(
            () -> {
              scene.failure().ifPresent(cause -> assertThat(cause).isNull());
              return !applied.acknowledged.isBefore(commitTs);
            });
  }

  @Test
  void manyLargeTransactions_keepNothingMapped() throws Exception {
    Pipeline pipeline = scene.start(applied);
    for (int i = 1; i <= 30; i++) {
      Binlog large = scene.large(11);
      pump.add(large);
      awaitAcknowledged(large.commitTs());
      assertThat(scene.pulledLarge()).isEqualTo(i);
      assertThat(scene.mapped()).as("after transaction %d", i).isZero();
    }
    assertThat(applied.rowCount).hasValue(30 * SpillScene.ROWS);
    assertThat(pipeline.stop(STOP_LIMIT)).isEqualTo(Pipeline.Stopped.CONSISTENT);
  }

  @Test
  void transactionsThatAreNotPassedOn_areLetGo() throws Exception {
    FakePump other = scene.pump("b");
    Binlog ignored = scene.large(11);
    Pipeline pipeline = scene.start(applied, ignored.commitTs());
    Binlog filtered = scene.large(SpillScene.IGNORED);
    Binlog passed = scene.large(11);
    for (Binlog binlog : List.of(ignored, filtered, passed)) {
      pump.add(binlog);
      other.add(binlog);
    }
    long end = scene.nextTs();
    pump.fake(end);
    other.fake(end);
    awaitAcknowledged(passed.commitTs());
    assertThat(scene.pulledLarge()).as("each from both pumps").isEqualTo(6);
    assertThat(applied.rowCount).hasValue(SpillScene.ROWS);
    await().untilAsserted(() -> assertThat(scene.mapped()).isZero());
    assertThat(pipeline.stop(STOP_LIMIT)).isEqualTo(Pipeline.Stopped.CONSISTENT);
  }

  @Test
  void transactionsOnTheirWayAtAStop_areLetGo() throws Exception {
    FakePump silent = scene.pump("b");
    applied.stuck = true;
    Pipeline pipeline = scene.start(applied);
    Binlog first = scene.large(11);
    pump.add(first);
    pump.add(scene.large(11));
    Binlog last = scene.large(11);
    pump.add(last);
    silent.fake(last.commitTs().value());
    await().until(() -> applied.rows.size() == 1 && pipeline.queued() == 3);
    pump.add(scene.large(11));
    await().until(() -> scene.pulledLarge() == 4);
    assertThat(scene.mapped()).isEqualTo(4);
    assertThat(pipeline.stop(SHORT_LIMIT)).isEqualTo(Pipeline.Stopped.NOT_DRAINED);
    assertThat(scene.mapped()).isZero();
  }

  @Test
  void transactionsAroundAGarbageOne_areLetGo() throws Exception {
    Pipeline pipeline = scene.start(applied);
    Binlog good = scene.large(11);
    pump.add(good);
    pump.add(scene.garbage());
    pump.add(scene.large(11));
    await().until(() -> scene.failure().isPresent());
    await().until(() -> scene.pulledLarge() == 3);
    pipeline.abandon();
    assertThat(applied.acknowledged).isEqualTo(good.commitTs());
    assertThat(scene.mapped()).isZero();
  }

  @Test
  void rowsReadWhileTheyAreLetGo_endWithAnError() throws Exception {
    Pipeline pipeline = scene.start(applied);
    applied.stuck = true;
    for (int i = 0; i < 5; i++) {
      pump.add(scene.large(11));
      int count = i + 1;
      // Rows are the reader's as long as the sink does not let go of them.
      await().until(() -> scene.pulledLarge() == count);
    }
    await().until(() -> !applied.rows.isEmpty());
    TransactionRows rows = applied.rows.get(0);
    Iterator<RowChange> begun = rows.iterator();
    assertThat(begun.next()).isNotNull();
    AtomicReference<@Nullable Throwable> end = new AtomicReference<>();
    CountDownLatch reading = new CountDownLatch(1);
    Thread reader =
        new Thread(
            () -> {
              try {
                while (true) {
                  for (RowChange unused : rows) {
                    reading.countDown();
                  }
                }
              } catch (RuntimeException | Error e) {
                end.set(e);
              }
            },
            "test-reader");
    reader.setDaemon(true);
    reader.start();
    reading.await();
    rows.release();
    rows.release();
    reader.join(10_000);
    assertThat(end.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("let go");
    assertThatThrownBy(begun::next).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(rows::iterator).isInstanceOf(IllegalStateException.class);
    assertThat(rows.count()).isEqualTo(SpillScene.ROWS);
    assertThat(pipeline.stop(SHORT_LIMIT)).isEqualTo(Pipeline.Stopped.NOT_DRAINED);
    assertThat(scene.mapped()).isZero();
  }
}
