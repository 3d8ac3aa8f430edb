package org.tidbbinlog.pump.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.txn.TransactionFate;

/**
 * One seed's story: TiDB as a plain model, the store on a simulated disk, and anything that may
 * happen in between. The model knows which transactions committed; the store must deliver exactly
 * those (I1, I2, I3).
 */
final class RandomWorkload {
  private enum Stage {
    PREWRITING,
    PREWRITTEN,
    COMMITTED,
    ROLLED_BACK
  }

  private static final class Transaction {
    final long start;
    final byte[] value;
    Stage stage = Stage.PREWRITING;
    long commit;
    Rig.Ack prewrite = new Rig.Ack();
    boolean ownedElsewhere;

    Transaction(long start, byte[] value) {
      this.start = start;
      this.value = value;
    }
  }

  private record Fake(long ts, Rig.Ack ack) {}

  final SplittableRandom random;
  final List<String> events = new ArrayList<>();
  private final Rig rig;
  private final Map<Long, Transaction> transactions = new TreeMap<>();
  private final List<Transaction> open = new ArrayList<>();
  private final List<Fake> fakes = new ArrayList<>();
  private Optional<PullCursor> follower = Optional.empty();
  private long followed;
  private long now = 100;

  RandomWorkload(long seed) {
    random = new SplittableRandom(seed);
    SimDisk disk = new SimDisk();
    StoreSettings.SyncLog sync = StoreSettings.SyncLog.ON;
    rig =
        new Rig(
            disk,
            new StoreSettings(
                sync,
                1 << random.nextInt(9, 14),
                random.nextInt(64, 2048),
                1 << 20,
                1 << random.nextInt(6, 12),
                random.nextInt(2, 40),
                random.nextInt(2, 40),
                Duration.ofSeconds(1),
                random.nextInt(1, 5),
                1 << random.nextInt(7, 13),
                Duration.ofSeconds(1)));
  }

  void run(int steps) {
    for (int step = 0; step < steps; step++) {
      step();
    }
    finish();
  }

  private void step() {
    switch (random.nextInt(26)) {
      case 0, 1, 2, 3 -> begin();
      case 4, 5, 6 -> decide();
      case 7, 8, 9, 10 -> sendCommit();
      case 11 -> fake();
      case 12 -> resendSomething();
      case 13 -> foreignCommit();
      case 14, 15, 16, 17 -> rig.engine.writeGroup();
      case 18, 19, 20 -> index();
      case 21 -> {
        rig.clock.advance(Duration.ofMillis(random.nextInt(1500)));
        rig.engine.resolveStep();
      }
      case 22 -> rig.tikvDown = random.nextInt(3) == 0;
      case 23 -> follow();
      case 24 -> checkEverything();
      default -> {
        if (random.nextInt(4) == 0) {
          restart();
        }
      }
    }
  }

  private long tso() {
    now += random.nextInt(1, 5);
    return now;
  }

  private void begin() {
    byte[] value = new byte[random.nextInt(8) == 0 ? random.nextInt(3000) : random.nextInt(60)];
    for (int i = 0; i < value.length; i++) {
      value[i] = (byte) random.nextInt(256);
    }
    if (value.length > 20 && random.nextInt(5) == 0) {
      // What looks like a frame inside a value must not be taken for one.
      ByteBuffer.wrap(value).order(java.nio.ByteOrder.LITTLE_ENDIAN).putInt(3, Frame.MAGIC);
    }
    Transaction transaction = new Transaction(tso(), value);
    transaction.ownedElsewhere = random.nextInt(12) == 0;
    transactions.put(transaction.start, transaction);
    open.add(transaction);
    transaction.prewrite = rig.append(Records.prewrite(transaction.start, value));
    events.add("prewrite " + transaction.start);
  }

  /** TiKV commits or rolls back once the Prewrite is acknowledged, here or by another Pump. */
  private void decide() {
    if (open.isEmpty()) {
      return;
    }
    Transaction transaction = open.get(random.nextInt(open.size()));
    if (transaction.stage == Stage.PREWRITING) {
      if (transaction.prewrite.durable || transaction.ownedElsewhere) {
        transaction.stage = Stage.PREWRITTEN;
      } else if (transaction.prewrite.answers > 0) {
        rollBack(transaction);
      }
    } else if (transaction.stage == Stage.PREWRITTEN) {
      if (random.nextInt(5) == 0) {
        rollBack(transaction);
      } else {
        transaction.commit = tso();
        transaction.stage = Stage.COMMITTED;
        rig.fates.put(
            transaction.start, new TransactionFate.Committed(new Tso(transaction.commit)));
        events.add("commit " + transaction.start + " at " + transaction.commit);
      }
    }
  }

  private void rollBack(Transaction transaction) {
    transaction.stage = Stage.ROLLED_BACK;
    rig.fates.put(transaction.start, new TransactionFate.RolledBack());
    events.add("roll back " + transaction.start);
  }

  private void sendCommit() {
    if (open.isEmpty()) {
      return;
    }
    Transaction transaction = open.get(random.nextInt(open.size()));
    boolean lie = random.nextInt(10) == 0;
    if (transaction.stage == Stage.COMMITTED) {
      // "Result undetermined": TiDB announces a rollback of what did commit. Or says nothing.
      if (lie) {
        rig.append(Records.rollback(transaction.start));
      } else if (!transaction.ownedElsewhere && random.nextInt(12) != 0) {
        rig.append(Records.commit(transaction.start, transaction.commit));
      }
      open.remove(transaction);
      events.add((lie ? "rollback notice for " : "commit record of ") + transaction.start);
    } else if (transaction.stage == Stage.ROLLED_BACK) {
      if (!lie) {
        rig.append(Records.rollback(transaction.start));
      }
      open.remove(transaction);
    } else if (transaction.stage == Stage.PREWRITTEN && lie) {
      rig.append(Records.rollback(transaction.start));
      events.add("early rollback notice for " + transaction.start);
    }
  }

  private void fake() {
    long ts = tso();
    fakes.add(new Fake(ts, rig.append(Records.fake(ts))));
    events.add("fake " + ts);
  }

  private void resendSomething() {
    if (transactions.isEmpty()) {
      return;
    }
    List<Transaction> all = List.copyOf(transactions.values());
    Transaction transaction = all.get(random.nextInt(all.size()));
    if (transaction.stage == Stage.COMMITTED && random.nextBoolean()) {
      rig.append(Records.commit(transaction.start, transaction.commit));
      events.add("commit again " + transaction.start);
    } else if (transaction.prewrite.durable) {
      rig.append(Records.prewrite(transaction.start, transaction.value));
      events.add("prewrite again " + transaction.start);
    }
  }

  private void foreignCommit() {
    rig.append(Records.commit(tso(), tso()));
  }

  private void index() {
    try {
      rig.engine.indexStep();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void follow() {
    if (follower.isEmpty()) {
      follower = Optional.of(rig.engine.pull(new Tso(followed), GapPolicy.REFUSE));
    }
    Optional<PullRecord> next = follower.get().tryNext();
    while (next.isPresent()) {
      long ts = next.get().commitTs().value();
      assertThat(ts).as("I1 on a live cursor").isGreaterThan(followed);
      followed = ts;
      next = follower.get().tryNext();
    }
  }

  private void restart() {
    follower = Optional.empty();
    switch (random.nextInt(8)) {
      case 0, 1 -> {
        events.add("close");
        rig.engine.close();
        maybeDamageOrderLog();
      }
      case 2, 3 -> {
        events.add("kill");
        rig.disk.kill();
        maybeDamageOrderLog();
      }
      default -> {
        events.add("crash");
        rig.disk.crash(new java.util.Random(random.nextLong()));
      }
    }
    rig.open();
  }

  private void maybeDamageOrderLog() {
    List<String> files = rig.disk.all().stream().filter(name -> name.startsWith("order/")).toList();
    if (files.isEmpty() || random.nextInt(3) > 0) {
      return;
    }
    String name = files.get(random.nextInt(files.size()));
    byte[] content = rig.disk.content(name);
    switch (random.nextInt(3)) {
      case 0 -> rig.disk.delete(name);
      case 1 ->
          rig.disk.replace(
              name, java.util.Arrays.copyOf(content, random.nextInt(content.length + 1)));
      default -> rig.disk.replace(name, new byte[0]);
    }
    events.add("damage " + name);
  }

  /** All that is at or below maxCommitTs is there, and nothing else. */
  private void checkEverything() {
    long max = rig.engine.maxCommitTs().value();
    List<PullRecord> pulled = rig.pull(0);
    assertThat(pulled).isSortedAccordingTo(java.util.Comparator.comparing(PullRecord::commitTs));
    Map<Long, PullRecord> byTs = new TreeMap<>();
    for (PullRecord record : pulled) {
      assertThat(byTs.put(record.commitTs().value(), record)).as("delivered once").isNull();
    }
    for (Transaction transaction : transactions.values()) {
      boolean mustBeThere =
          transaction.stage == Stage.COMMITTED
              && transaction.prewrite.durable
              && transaction.commit <= max
              && !transaction.ownedElsewhere;
      PullRecord record =
          transaction.stage == Stage.COMMITTED ? byTs.remove(transaction.commit) : null;
      if (record != null) {
        checkContent(record, transaction);
      } else if (mustBeThere) {
        throw new AssertionError(
            "I3: " + transaction.start + " committed at " + transaction.commit + " is missing");
      }
    }
    for (Fake fake : fakes) {
      boolean found = byTs.remove(fake.ts()) != null;
      assertThat(found || !fake.ack().durable || fake.ts() > max).as("fake " + fake.ts()).isTrue();
    }
    assertThat(byTs).as("delivered, but never committed").isEmpty();
  }

  private static void checkContent(PullRecord record, Transaction transaction) {
    var delivered = Records.parse(record);
    assertThat(delivered.getStartTs()).isEqualTo(transaction.start);
    assertThat(delivered.getPrewriteValue().toByteArray()).isEqualTo(transaction.value);
    assertThat(delivered.getTp()).isEqualTo(org.tidbbinlog.wire.payload.BinlogType.Commit);
  }

  /** TiKV decides all, time passes, a heartbeat comes: then everything must have come out. */
  private void finish() {
    rig.writeAll();
    rig.tikvDown = false;
    for (Transaction transaction : transactions.values()) {
      if (transaction.stage == Stage.PREWRITING || transaction.stage == Stage.PREWRITTEN) {
        rollBack(transaction);
      }
    }
    rig.write(Records.fake(tso()));
    fakes.add(new Fake(now, new Rig.Ack()));
    for (int round = 0; round < 400 && rig.engine.maxCommitTs().value() < now; round++) {
      rig.settle();
    }
    assertThat(rig.engine.maxCommitTs().value())
        .as(() -> "everything settled " + rig.engine.dangling(3) + rig.engine.stats())
        .isEqualTo(now);
    checkEverything();
    follow();
    assertThat(rig.engine.unmatchedCount()).isZero();
  }
}
