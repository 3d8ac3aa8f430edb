package org.tidbbinlog.pump.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.txn.TransactionFate;

/** The store's threads on a simulated disk: what they do when one hangs or stumbles. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class StoreThreadsTest {
  private static final Duration SOON = Duration.ofMillis(300);

  private final SimDisk disk = new SimDisk();
  private final CountDownLatch hangs = new CountDownLatch(1);
  private final CountDownLatch goesOn = new CountDownLatch(1);

  private final List<Throwable> deaths = new CopyOnWriteArrayList<>();

  private FileBinlogStore open(Duration stopWithin) throws IOException {
    return FileBinlogStore.open(
        disk,
        new StoreSettings(
            StoreSettings.SyncLog.ON,
            1 << 20,
            512,
            4 << 20,
            1 << 16,
            1 << 16,
            1 << 16,
            Duration.ofSeconds(1),
            4,
            1 << 20,
            Duration.ofSeconds(1)),
        (start, key, now) -> new TransactionFate.Undecided("locked"),
        () -> Tso.of(1, 0),
        StoreObserver.NONE,
        Clock.system(),
        new StoreThreads.Ends(stopWithin, (thread, cause) -> deaths.add(cause)));
  }

  private void hangAt(SimDisk.Operation where, String folder) {
    disk.before =
        (operation, file) -> {
          if (operation == where && file.startsWith(folder)) {
            hangs.countDown();
            await(goesOn);
          }
        };
  }

  /** As a disk does: no interrupt ends it. */
  private static void await(CountDownLatch latch) throws IOException {
    boolean interrupted = false;
    boolean opened = false;
    long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!opened) {
      try {
        opened = latch.await(30, TimeUnit.SECONDS);
        if (!opened && System.nanoTime() > endNs) {
          throw new InterruptedIOException("nobody goes on");
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static Rig.Ack append(BinlogStore store, long ts) {
    Rig.Ack ack = new Rig.Ack();
    store.append(Records.fake(ts), ack);
    return ack;
  }

  private static void awaitDurable(Rig.Ack ack) {
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> ack.answers == 1 && ack.durable);
  }

  @Test
  void stop_whileAForceHangs_writesNothingBesideItAndKeepsTheDirectory() throws Exception {
    FileBinlogStore store = open(SOON);
    byte[] state = disk.content(StateFile.NAME);
    hangAt(SimDisk.Operation.FORCE, "value/");
    Rig.Ack hanging = append(store, 10);
    await(hangs);
    Rig.Ack waiting = append(store, 20);

    store.close();

    assertThat(waiting.answers).isEqualTo(1);
    assertThat(waiting.failure).isInstanceOf(StoreClosedException.class);
    assertThat(disk.content(StateFile.NAME)).isEqualTo(state);
    assertThatThrownBy(() -> open(SOON)).isInstanceOf(OperatorException.class);

    goesOn.countDown();
    awaitDurable(hanging);
    disk.kill();
    disk.before = (operation, file) -> {};
    assertThat(sortedAfterReopening()).containsExactly(10L);
  }

  @Test
  void stop_whileSortingHangs_losesNothing() throws Exception {
    FileBinlogStore store = open(SOON);
    hangAt(SimDisk.Operation.WRITE, "order/");
    List<Long> written = new ArrayList<>();
    for (long ts = 10; ts < 20; ts++) {
      awaitDurable(append(store, ts));
      written.add(ts);
    }
    await(hangs);

    store.close();

    disk.kill();
    disk.before = (operation, file) -> {};
    goesOn.countDown();
    assertThat(sortedAfterReopening()).isEqualTo(written);
  }

  @Test
  void stop_withMuchToSort_leavesTheRestForTheNextStart() throws Exception {
    FileBinlogStore store = open(Duration.ofSeconds(30));
    hangAt(SimDisk.Operation.WRITE, "order/");
    int count = 40_000;
    Rig.Ack last = append(store, 1);
    for (long ts = 2; ts <= count; ts++) {
      last = append(store, ts);
    }
    awaitDurable(last);
    await(hangs);
    Thread closing = new Thread(store::close, "test-close-1");
    closing.start();
    Awaitility.await()
        .pollDelay(Duration.ofMillis(300))
        .until(() -> closing.getState() == Thread.State.TIMED_WAITING);
    goesOn.countDown();
    closing.join();

    assertThat(store.maxCommitTs().value()).isLessThan(count);
    assertThat(sortedAfterReopening()).hasSize(count).isSorted();
  }

  private List<Long> sortedAfterReopening() {
    Rig rig = new Rig(disk);
    rig.sort();
    return rig.pulledTs(0);
  }

  @Test
  void callback_thatThrowsAnError_doesNotEndTheWriter() throws Exception {
    try (FileBinlogStore store = open(SOON)) {
      store.append(
          Records.fake(10),
          new AppendCallback() {
            @Override
            public void durable() {
              throw new OutOfMemoryError("Cannot reserve direct buffer memory");
            }

            @Override
            public void failed(RuntimeException cause) {
              deaths.add(cause);
            }
          });
      awaitDurable(append(store, 20));
      assertThat(deaths).isEmpty();
    }
  }

  @Test
  void write_thatThrowsAnError_failsItsGroupAndGoesOn() throws Exception {
    try (FileBinlogStore store = open(SOON)) {
      awaitDurable(append(store, 10));
      disk.before =
          (operation, file) -> {
            if (operation == SimDisk.Operation.FORCE && file.startsWith("value/")) {
              disk.before = (next, name) -> {};
              throw new OutOfMemoryError("Cannot reserve direct buffer memory");
            }
          };
      Rig.Ack failed = append(store, 20);
      Awaitility.await().until(() -> failed.answers == 1);
      assertThat(failed.failure).isInstanceOf(StoreWriteException.class);
      awaitDurable(append(store, 30));
      Awaitility.await().until(() -> store.maxCommitTs().value() == 30);
      assertThat(deaths).isEmpty();
    }
    assertThat(sortedAfterReopening()).containsExactly(10L, 30L);
  }

  @Test
  void pullListener_thatThrowsAnError_doesNotEndTheSorter() throws Exception {
    try (FileBinlogStore store = open(SOON);
        PullCursor cursor = store.pull(Tso.ZERO, GapPolicy.REFUSE)) {
      assertThat(cursor.tryNext()).isEmpty();
      cursor.onReady(
          () -> {
            throw new OutOfMemoryError("unable to create native thread");
          });
      awaitDurable(append(store, 10));
      awaitDurable(append(store, 20));
      Awaitility.await().until(() -> store.maxCommitTs().value() == 20);
      assertThat(deaths).isEmpty();
    }
  }

  @Test
  void sorting_thatThrowsAnError_isReportedAsADeath_andTheNextStartSortsAnew() throws Exception {
    FileBinlogStore store = open(SOON);
    disk.before =
        (operation, file) -> {
          if (operation == SimDisk.Operation.WRITE && file.startsWith("order/")) {
            throw new StackOverflowError("test");
          }
        };
    awaitDurable(append(store, 10));
    Awaitility.await().until(() -> deaths.size() == 1);
    disk.kill();
    disk.before = (operation, file) -> {};
    assertThat(sortedAfterReopening()).containsExactly(10L);
    store.close();
  }

  @Test
  void proving_thatThrowsAnError_goesOn() throws Exception {
    try (FileBinlogStore store = open(SOON)) {
      disk.before =
          (operation, file) -> {
            if (operation == SimDisk.Operation.WRITE && file.startsWith("proof/")) {
              hangs.countDown();
              throw new OutOfMemoryError("test");
            }
          };
      awaitDurable(append(store, 10));
      await(hangs);
      disk.before = (operation, file) -> {};
      Awaitility.await().until(() -> disk.list("proof").contains("000000.proof"));
      assertThat(deaths).isEmpty();
    }
  }
}
