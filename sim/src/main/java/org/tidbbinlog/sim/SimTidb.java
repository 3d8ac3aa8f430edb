package org.tidbbinlog.sim;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;

/**
 * TiDB as a plain model: prewrites, asks PD for a commit timestamp only when a Pump has
 * acknowledged, commits in TiKV, and tells a Pump: late, twice, another one, wrongly or never.
 */
final class SimTidb {
  private static final int FRAME_MAGIC = 0x823a56e8;
  private static final int PREWRITE_TRIES = 3;
  private static final int TIME_TRIES = 6;

  private final World world;
  private final Chance chance;
  private final Agenda agenda;
  private int left;

  /**
   * @param transactions how many it begins
   */
  SimTidb(World world, int transactions) {
    this.world = world;
    this.chance = world.chance();
    this.agenda = world.agenda();
    this.left = transactions;
  }

  void start() {
    agenda.after(chance.millis(1, 60), "", this::begin);
  }

  boolean isDone() {
    return left == 0;
  }

  private void begin() {
    if (left == 0) {
      return;
    }
    left--;
    agenda.after(chance.millis(0, 120), "", this::begin);
    try {
      Transaction transaction = new Transaction(prewrite(world.pd().next()));
      world.tikv().add(transaction);
      long thinks = chance.oneIn(6) ? chance.millis(0, 4000) : 0;
      agenda.after(thinks, "", () -> prewrite(transaction, 1));
    } catch (RetryableException e) {
      world.log().add("tidb begins nothing: " + e.getMessage());
    }
  }

  private Binlog prewrite(Tso start) {
    Payload key = Payload.of(("key-" + start).getBytes(UTF_8));
    if (chance.oneIn(20)) {
      return Binlog.prewriteDdl(
          start, key, Payload.ofUtf8("alter table t add c" + start + " int"), 7, 5);
    }
    byte[] value = chance.bytes(valueBytes());
    if (value.length > 20 && chance.oneIn(5)) {
      // What looks like a frame inside a value must not be taken for one.
      ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).putInt(3, FRAME_MAGIC);
    }
    return Binlog.prewrite(start, key, Payload.of(value));
  }

  private int valueBytes() {
    return switch (chance.below(40)) {
      case 0 -> 70_000;
      case 1, 2, 3, 4 -> chance.below(3000);
      default -> chance.below(60);
    };
  }

  private void prewrite(Transaction transaction, int tries) {
    SimPump pump = chance.pick(world.pumps());
    WrittenRecord record =
        new WrittenRecord(
            "prewrite " + transaction.startTs(),
            transaction.prewriteRecord(),
            () -> transaction.durableAt(pump.id()),
            gcTs -> transaction.isPrewriteNeeded(pump.id(), gcTs));
    world
        .network()
        .write(
            pump,
            record,
            acknowledged -> {
              if (acknowledged) {
                decide(transaction, pump);
              } else if (tries < PREWRITE_TRIES) {
                prewrite(transaction, tries + 1);
              } else {
                rollBack(transaction, pump);
              }
            });
  }

  private void decide(Transaction transaction, SimPump pump) {
    int dice = chance.below(100);
    if (dice < 5) {
      world.log().add("tidb dies over " + transaction.startTs());
    } else if (dice < 15) {
      agenda.after(chance.millis(0, 50), "", () -> rollBack(transaction, pump));
    } else {
      long delay = dice < 25 ? chance.millis(0, 6000) : chance.millis(0, 30);
      agenda.after(delay, "", () -> askForCommitTs(transaction, pump, 1));
    }
  }

  private void askForCommitTs(Transaction transaction, SimPump pump, int tries) {
    transaction.beginCommit();
    try {
      long commitTs = world.pd().next().value();
      world.log().add("commit ts of " + transaction.startTs() + " is " + commitTs);
      agenda.after(chance.millis(0, 10), "", () -> commit(transaction, commitTs, pump));
    } catch (RetryableException e) {
      if (tries < TIME_TRIES) {
        agenda.after(
            chance.millis(100, 1000), "", () -> askForCommitTs(transaction, pump, tries + 1));
      } else {
        rollBack(transaction, pump);
      }
    }
  }

  private void commit(Transaction transaction, long commitTs, SimPump pump) {
    boolean undetermined = world.tikv().isAway() || chance.oneIn(25);
    boolean arrived = !undetermined || chance.oneIn(2);
    boolean committed = arrived && world.tikv().commit(transaction, commitTs);
    if (committed) {
      world.log().add("tikv commits " + transaction.startTs() + " at " + commitTs);
      world.committed(transaction);
    }
    if (undetermined) {
      maybeNotify(transaction, pump);
    } else if (committed) {
      sendCommit(transaction, pump);
    } else {
      maybeNotify(transaction, pump);
    }
  }

  private void sendCommit(Transaction transaction, SimPump pump) {
    WrittenRecord record = commitRecord(transaction);
    switch (chance.below(20)) {
      case 0 -> world.log().add("tidb forgets the commit record of " + transaction.startTs());
      case 1, 2 -> {
        send(record, pump, chance.millis(0, 50));
        send(record, pump, chance.millis(0, 5000));
      }
      case 3, 4 -> send(record, chance.pick(world.pumps()), chance.millis(0, 50));
      case 5, 6 -> send(record, pump, chance.millis(0, 8000));
      default -> send(record, pump, 0);
    }
  }

  private static WrittenRecord commitRecord(Transaction transaction) {
    long commitTs = transaction.commitTs();
    return new WrittenRecord(
        "commit " + transaction.startTs() + " at " + commitTs,
        transaction.commitRecord(),
        () -> {},
        gcTs -> Long.compareUnsigned(commitTs, gcTs) > 0);
  }

  private void rollBack(Transaction transaction, SimPump pump) {
    if (transaction.fate() == Transaction.Fate.OPEN) {
      world.log().add("tikv rolls back " + transaction.startTs());
      transaction.rollBack();
      maybeNotify(transaction, pump);
    }
  }

  /** A notice of rollback: true, or of a commit nobody knew the end of. Or none. */
  private void maybeNotify(Transaction transaction, SimPump pump) {
    if (chance.oneIn(3)) {
      return;
    }
    WrittenRecord notice =
        new WrittenRecord(
            "rollback " + transaction.startTs(),
            transaction.rollbackRecord(),
            () -> {},
            gcTs -> false);
    send(notice, chance.oneIn(10) ? chance.pick(world.pumps()) : pump, chance.millis(0, 20));
  }

  private void send(WrittenRecord record, SimPump pump, long delayNs) {
    Consumer<Boolean> whatever = acknowledged -> {};
    agenda.after(delayNs, "", () -> world.network().write(pump, record, whatever));
  }
}
