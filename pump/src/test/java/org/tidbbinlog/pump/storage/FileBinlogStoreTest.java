package org.tidbbinlog.pump.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.txn.TransactionFate;
import org.tidbbinlog.cluster.txn.TransactionStatus;

/** The store with its threads on a real directory. */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class FileBinlogStoreTest {
  private final Path temp;
  private final Map<Long, TransactionFate> fates = new ConcurrentHashMap<>();
  private final TransactionStatus tikv =
      (start, key, now) ->
          fates.getOrDefault(start.value(), new TransactionFate.Undecided("locked"));

  FileBinlogStoreTest(@TempDir Path temp) {
    this.temp = temp;
  }

  private FileBinlogStore open() {
    return FileBinlogStore.open(
        temp.resolve("data"), StoreSettings.defaults(), tikv, () -> Tso.of(1, 0), Clock.system());
  }

  private static final class Done extends CompletableFuture<Boolean> implements AppendCallback {
    @Override
    public void durable() {
      complete(true);
    }

    @Override
    public void failed(RuntimeException cause) {
      completeExceptionally(cause);
    }
  }

  private static void append(BinlogStore store, ByteBuffer record) {
    Done done = new Done();
    store.append(record, done);
    done.join();
  }

  @Test
  void manyWriters_concurrently_allAreDeliveredOnceInOrderAlsoAfterReopening() throws Exception {
    int writers = 64;
    int each = 50;
    AtomicLong tso = new AtomicLong(100);
    ConcurrentLinkedQueue<Long> committed = new ConcurrentLinkedQueue<>();
    try (FileBinlogStore store = open()) {
      CountDownLatch ended = new CountDownLatch(writers);
      for (int w = 0; w < writers; w++) {
        Thread writer =
            new Thread(
                () -> {
                  for (int i = 0; i < each; i++) {
                    long start = tso.incrementAndGet();
                    append(store, Records.prewrite(start, new byte[200]));
                    long commit = tso.incrementAndGet();
                    append(store, Records.commit(start, commit));
                    committed.add(commit);
                  }
                  ended.countDown();
                },
                "writer-" + w);
        writer.start();
      }
      List<Long> followed = follow(store, writers * each);
      assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();

      assertThat(followed).isSorted().containsExactlyInAnyOrderElementsOf(committed);
      assertThat(store.stats().groups()).isLessThan(2L * writers * each);
    }
    try (FileBinlogStore store = open()) {
      assertThat(follow(store, writers * each))
          .isSorted()
          .containsExactlyInAnyOrderElementsOf(committed);
    }
  }

  /** Pulls by notification only, never by polling. */
  private static List<Long> follow(BinlogStore store, int count) throws InterruptedException {
    List<Long> seen = new ArrayList<>();
    Semaphore ready = new Semaphore(0);
    try (PullCursor cursor = store.pull(Tso.ZERO, GapPolicy.REFUSE)) {
      cursor.onReady(ready::release);
      while (seen.size() < count) {
        Optional<PullRecord> next = cursor.tryNext();
        if (next.isPresent()) {
          seen.add(next.get().commitTs().value());
        } else {
          assertThat(ready.tryAcquire(60, TimeUnit.SECONDS)).as("woken after " + seen).isTrue();
        }
      }
    }
    return seen;
  }

  @Test
  @DisplayName("pump fact 20: a second store on one directory is refused, naming the directory")
  void secondStore_onTheSameDirectory_isRefused() {
    try (FileBinlogStore store = open()) {
      assertThat(store.unmatchedCount()).isZero();
      assertThatThrownBy(this::open)
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("in use");
    }
    open().close();
  }

  @Test
  void largeMappedPayload_appendedAndPulled_isNotCopiedToTheHeap() throws IOException {
    int bytes = 40 << 20;
    ByteBuffer record = mappedPrewrite(bytes);
    try (FileBinlogStore store = open()) {
      append(store, record);
      append(store, Records.commit(10, 12));
      Awaitility.await().until(() -> store.maxCommitTs().value() == 12);

      try (PullCursor cursor = store.pull(Tso.ZERO, GapPolicy.REFUSE)) {
        PullRecord pulled = cursor.tryNext().orElseThrow();
        assertThat(pulled.parts()).hasSize(3);
        ByteBuffer value = pulled.parts().get(1);
        assertThat(value.isDirect()).isTrue();
        assertThat(value.remaining()).isEqualTo(bytes);
        assertThat(value.get(12345)).isEqualTo((byte) 12345);
        assertThat(pulled.sizeBytes()).isGreaterThan(bytes).isLessThan(bytes + 100);
      }
    }
  }

  /** A Binlog whose value is made of mapped bytes, as a spilled request would be. */
  private ByteBuffer mappedPrewrite(int valueBytes) throws IOException {
    byte[] head = Records.prewrite(10, new byte[0]).array();
    Path file = temp.resolve("spilled");
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      // Field 5 once more: the last one wins, and it is the one that counts.
      out.write(head);
      out.write(0x2a);
      int rest = valueBytes;
      while (rest > 0x7f) {
        out.write((rest & 0x7f) | 0x80);
        rest >>>= 7;
      }
      out.write(rest);
      byte[] chunk = new byte[1 << 20];
      for (int at = 0; at < valueBytes; at += chunk.length) {
        for (int i = 0; i < chunk.length; i++) {
          chunk[i] = (byte) (at + i);
        }
        out.write(chunk);
      }
      return out.getChannel().map(FileChannel.MapMode.READ_ONLY, 0, out.length());
    }
  }

  @Test
  void middleSizedRecords_pulled_areWhole() {
    try (FileBinlogStore store = open()) {
      int[] sizes = {60_000, 65_535, 65_600, 200_000, 2_000_000};
      for (int i = 0; i < sizes.length; i++) {
        byte[] value = new byte[sizes[i]];
        java.util.Arrays.fill(value, (byte) (i + 1));
        append(store, Records.prewrite(10 + i, value));
        append(store, Records.commit(10 + i, 20 + i));
      }
      Awaitility.await().until(() -> store.maxCommitTs().value() == 24);
      try (PullCursor cursor = store.pull(Tso.ZERO, GapPolicy.REFUSE)) {
        for (int i = 0; i < sizes.length; i++) {
          byte[] value = new byte[sizes[i]];
          java.util.Arrays.fill(value, (byte) (i + 1));
          assertThat(cursor.tryNext().orElseThrow().payload())
              .isEqualTo(Records.bytes(Records.delivered(10 + i, 20 + i, value)));
        }
        assertThat(cursor.tryNext()).isEmpty();
      }
    }
  }

  @Test
  @DisplayName("pump fact 13: a dangling Prewrite is delivered within 3 s once TiKV shows a commit")
  void danglingPrewrite_withThreadsRunning_isResolved() {
    fates.put(10L, new TransactionFate.Committed(new Tso(15)));
    try (FileBinlogStore store = open()) {
      append(store, Records.prewrite(10, new byte[3]));
      append(store, Records.fake(20));
      Awaitility.await().atMost(5, TimeUnit.SECONDS).until(() -> store.maxCommitTs().value() == 20);
      assertThat(store.find(new Tso(15))).isPresent();
      assertThat(store.find(new Tso(10))).isPresent();
      assertThat(store.find(new Tso(11))).isEmpty();
    }
  }

  @Test
  void interruptedReader_takesNobodysFileAway() {
    try (FileBinlogStore store = open()) {
      append(store, Records.prewrite(10, new byte[100_000]));
      append(store, Records.commit(10, 11));
      Awaitility.await().until(() -> store.maxCommitTs().value() == 11);

      Thread.currentThread().interrupt();
      try (PullCursor cursor = store.pull(Tso.ZERO, GapPolicy.REFUSE)) {
        assertThat(cursor.tryNext()).isPresent();
      }
      assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();

      append(store, Records.fake(20));
      Awaitility.await().until(() -> store.maxCommitTs().value() == 20);
    }
  }

  @Test
  void close_wakesAndEndsPulls() throws InterruptedException {
    FileBinlogStore store = open();
    PullCursor cursor = store.pull(Tso.ZERO, GapPolicy.REFUSE);
    assertThat(cursor.tryNext()).isEmpty();
    CountDownLatch woken = new CountDownLatch(1);
    cursor.onReady(woken::countDown);

    store.close();

    assertThat(woken.await(10, TimeUnit.SECONDS)).isTrue();
    assertThatThrownBy(cursor::tryNext).isInstanceOf(StoreClosedException.class);
    assertThatThrownBy(() -> append(store, Records.fake(1)))
        .hasCauseInstanceOf(StoreClosedException.class);
  }

  @Test
  void dataDirectory_asCreated_isPrivateAndHasTheOriginalsLayout() throws IOException {
    try (FileBinlogStore store = open()) {
      append(store, Records.fake(10));
    }
    Path data = temp.resolve("data");
    assertThat(Files.getPosixFilePermissions(data)).hasSize(3);
    assertThat(data.resolve(".lock")).isEmptyFile();
    assertThat(data.resolve("value/000000.vlog")).exists();
  }
}
