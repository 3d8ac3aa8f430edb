package org.tidbbinlog.pump.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.txn.TransactionFate;

/** An engine on a simulated disk, driven step by step on the test's thread. */
final class Rig {
  static final StoreSettings SMALL =
      new StoreSettings(
          StoreSettings.SyncLog.ON,
          4096,
          512,
          1 << 20,
          1024,
          64,
          16,
          Duration.ofSeconds(1),
          4,
          2048,
          Duration.ofSeconds(1));

  final SimDisk disk;
  final ManualClock clock = new ManualClock();
  final Map<Long, TransactionFate> fates = new HashMap<>();
  final AtomicLong queries = new AtomicLong();
  StoreSettings settings = SMALL;
  boolean tikvDown;
  StorageEngine engine;

  Rig() {
    this(new SimDisk());
  }

  Rig(SimDisk disk) {
    this.disk = disk;
    open();
  }

  Rig(SimDisk disk, StoreSettings settings) {
    this.disk = disk;
    this.settings = settings;
    open();
  }

  void open() {
    try {
      engine =
          StorageEngine.open(
              settings,
              new StorageEngine.Ports(
                  disk,
                  (start, key, now) -> {
                    queries.incrementAndGet();
                    if (tikvDown) {
                      throw new RetryableException("TiKV is away");
                    }
                    return fates.getOrDefault(
                        start.value(), new TransactionFate.Undecided("locked"));
                  },
                  () -> Tso.of(1, 0),
                  Runnable::run,
                  StoreObserver.NONE,
                  clock));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Remembers what became of an append. */
  static final class Ack implements AppendCallback {
    boolean durable;
    int answers;
    RuntimeException failure = new IllegalStateException("no answer yet");

    @Override
    public void durable() {
      durable = true;
      answers++;
    }

    @Override
    public void failed(RuntimeException cause) {
      failure = cause;
      answers++;
    }
  }

  Ack append(ByteBuffer record) {
    Ack ack = new Ack();
    engine.append(record, ack);
    return ack;
  }

  /** Appends and writes as one group; must be acknowledged. */
  void write(ByteBuffer... records) {
    List<Ack> acks = new ArrayList<>();
    for (ByteBuffer record : records) {
      acks.add(append(record));
    }
    writeAll();
    assertThat(acks).allMatch(ack -> ack.durable && ack.answers == 1);
  }

  void writeAll() {
    while (engine.writeGroup()) {}
  }

  /** Sorts everything there is, and lets TiKV be asked as time goes by. */
  void settle() {
    for (int round = 0; round < 6; round++) {
      sort();
      clock.advance(Duration.ofSeconds(2));
      engine.resolveStep();
      writeAll();
    }
    sort();
  }

  void sort() {
    try {
      while (engine.indexStep()) {}
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Collects garbage, which nobody objects to. */
  GcOutcome collect(long upTo) {
    return engine.collectGarbage(new Tso(upTo), () -> new Tso(upTo));
  }

  List<PullRecord> pull(long fromExclusive) {
    return pull(fromExclusive, GapPolicy.REFUSE);
  }

  List<PullRecord> pull(long fromExclusive, GapPolicy policy) {
    List<PullRecord> records = new ArrayList<>();
    try (PullCursor cursor = engine.pull(new Tso(fromExclusive), policy)) {
      var next = cursor.tryNext();
      while (next.isPresent()) {
        records.add(next.get());
        next = cursor.tryNext();
      }
    }
    return records;
  }

  List<Long> pulledTs(long fromExclusive) {
    return pull(fromExclusive).stream().map(record -> record.commitTs().value()).toList();
  }

  void reopenAfterKill() {
    disk.kill();
    open();
  }

  void reopenAfterClose() {
    engine.close();
    open();
  }
}
