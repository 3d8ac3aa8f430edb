package org.tidbbinlog.sim;

import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.pump.storage.CorruptRecordException;
import org.tidbbinlog.pump.storage.GapPolicy;
import org.tidbbinlog.pump.storage.PullGapException;
import org.tidbbinlog.pump.storage.PullRecord;
import org.tidbbinlog.pump.storage.StoreReadException;

/**
 * I3: every committed transaction at or below {@code maxCommitTs} is emitted exactly once a pull,
 * as it was written, and no rolled-back one ever. Follows each Pump with a pull of its own, from
 * the beginning at every start.
 */
final class I3ExactlyTheCommitted implements Checker {
  /** A pull that is never behind. */
  private static final class Audit {
    private Optional<PullTap> tap = Optional.empty();
    private int incarnation;
    private long maxCommitTs;
    private long unreadableSinceNs = -1;
    private NavigableMap<Long, Transaction> missing = new TreeMap<>();
  }

  /** Longer than a process may be frozen and its disk be full. */
  private static final long REPAIR_NS = TimeUnit.SECONDS.toNanos(20);

  private final World world;
  private final Map<String, Audit> audits = new HashMap<>();

  I3ExactlyTheCommitted(World world) {
    this.world = world;
  }

  @Override
  public void afterEvent() {
    for (SimPump pump : world.pumps()) {
      if (pump.isUp()) {
        pump.faults().quietly(() -> audit(pump));
        pump.taps().forEach(this::checkContent);
      }
    }
  }

  private void audit(SimPump pump) {
    Audit audit = audits.computeIfAbsent(pump.id(), id -> new Audit());
    try {
      if (audit.tap.isEmpty() || audit.incarnation != pump.incarnation()) {
        begin(audit, pump);
      }
      long max = pump.engine().maxCommitTs().value();
      if (Long.compareUnsigned(max, audit.maxCommitTs) < 0) {
        throw new Violation(
            "I3", pump.id() + " goes back from " + audit.maxCommitTs + " to " + max);
      }
      audit.maxCommitTs = max;
      PullTap tap = audit.tap.orElseThrow();
      while (tap.tryNext().isPresent()) {}
      audit.unreadableSinceNs = -1;
      tap.fresh().forEach(record -> audit.missing.remove(record.commitTs().value()));
      if (!audit.missing.isEmpty() && audit.missing.firstKey() <= max) {
        Transaction first = audit.missing.firstEntry().getValue();
        throw new Violation(
            "I3",
            "%s is at %d without transaction %d, committed at %d"
                .formatted(pump.id(), max, first.startTs(), first.commitTs()));
      }
    } catch (PullGapException overtaken) {
      endTap(audit, pump);
    } catch (CorruptRecordException | StoreReadException e) {
      unreadable(audit, pump, String.valueOf(e.getMessage()));
    }
  }

  /** What the device spoils in the order log is the Pump's to repair; it has time for that. */
  private void unreadable(Audit audit, SimPump pump, String what) {
    long now = world.agenda().nowNs();
    long since = audit.unreadableSinceNs < 0 ? now : audit.unreadableSinceNs;
    boolean repairs = pump.isSpoiled() && what.startsWith("order/");
    if (!repairs || now - since > REPAIR_NS) {
      throw new Violation("I3", pump.id() + " cannot give out what it has: " + what);
    }
    endTap(audit, pump);
    audit.unreadableSinceNs = since;
  }

  private static void endTap(Audit audit, SimPump pump) {
    audit.tap.filter(old -> audit.incarnation == pump.incarnation()).ifPresent(pump::endPull);
    audit.tap = Optional.empty();
  }

  private void begin(Audit audit, SimPump pump) {
    long gcTs = pump.engine().gcTs().value();
    endTap(audit, pump);
    audit.tap = Optional.of(pump.pull(gcTs, GapPolicy.REFUSE));
    audit.incarnation = pump.incarnation();
    audit.maxCommitTs = 0;
    audit.missing = new TreeMap<>(pump.expected().tailMap(gcTs, false));
  }

  private void checkContent(PullTap tap) {
    for (PullRecord record : tap.fresh()) {
      if (record.isFake()) {
        if (!world.pd().gaveOut(record.commitTs())) {
          throw new Violation("I3", tap.pump().id() + " made up the time " + record.commitTs());
        }
      } else {
        checkTransaction(tap.pump(), record);
      }
    }
  }

  private void checkTransaction(SimPump pump, PullRecord record) {
    Transaction transaction = world.tikv().transaction(record.startTs().value());
    if (transaction.fate() != Transaction.Fate.COMMITTED
        || transaction.commitTs() != record.commitTs().value()) {
      throw new Violation(
          "I3",
          "%s gave out %s at %s, which is %s"
              .formatted(pump.id(), record.startTs(), record.commitTs(), transaction.fate()));
    }
    try {
      Binlog given = Binlog.decode(record.payload());
      Binlog written = transaction.prewrite();
      boolean keyIsRight =
          !given.prewriteKey().isPresent() || given.prewriteKey().equals(written.prewriteKey());
      if (!keyIsRight
          || !given.prewriteValue().equals(written.prewriteValue())
          || !given.ddlQuery().equals(written.ddlQuery())
          || given.ddlJobId() != written.ddlJobId()) {
        throw new Violation("I3", pump.id() + " changed what " + record.startTs() + " wrote");
      }
    } catch (DecodeException e) {
      throw new Violation("I3", pump.id() + " garbled " + record.startTs() + ": " + e.getMessage());
    }
  }

  @Override
  public void committed(Transaction transaction) {
    for (SimPump pump : world.pumps()) {
      Audit audit = audits.get(pump.id());
      if (audit != null && transaction.isHeldBy(pump.id())) {
        audit.missing.put(transaction.commitTs(), transaction);
      }
    }
  }
}
