package org.tidbbinlog.tools.bench.drain;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tidbbinlog.sinks.mysql.apply.AppliedBatch;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;

/**
 * Everything that the apply engine sent for rows, in memory, by worker and in order; cut where a
 * DDL ran. Listens to a sink.
 */
final class Recording implements SinkCounters.Listener {
  /** A target transaction to send again, and those whose rows it depends on. */
  static final class Step {
    private final AppliedBatch batch;
    private final Set<Step> after = new LinkedHashSet<>();
    private boolean committed;

    Step(AppliedBatch batch) {
      this.batch = batch;
    }

    AppliedBatch batch() {
      return batch;
    }

    Set<Step> after() {
      return after;
    }

    boolean isCommitted() {
      return committed;
    }

    void markCommitted() {
      committed = true;
      after.clear();
    }
  }

  private record Placed(AppliedBatch.Unit unit, Step step) {}

  /** What happened between two DDLs: one list a worker. */
  record Stretch(List<List<Step>> byWorker) {}

  private final int workers;
  private final List<List<AppliedBatch>> stretches = new ArrayList<>();
  private long batches;
  private long statementBytes;
  private int slots;

  Recording(int workers) {
    this.workers = workers;
    stretches.add(new ArrayList<>());
  }

  @Override
  public boolean wantsBatches() {
    return true;
  }

  @Override
  public synchronized void onBatch(AppliedBatch batch) {
    stretches.get(stretches.size() - 1).add(batch);
    batches++;
    slots = Math.max(slots, batch.slot());
    batch.packets().forEach(packet -> statementBytes += packet.length());
  }

  @Override
  public synchronized void onEvents(String kind, int count) {
    if (kind.equals("DDL")) {
      stretches.add(new ArrayList<>());
    }
  }

  @Override
  public void onExecuted(double seconds) {}

  @Override
  public void onQuery(String type, double seconds) {}

  @Override
  public void onDivergence(int rowCount) {}

  @Override
  public void onDdlPartSkipped() {}

  /** What there is to send; made anew at each call. */
  synchronized List<Stretch> stretches() {
    return stretches.stream().map(this::stretch).toList();
  }

  /** A row goes after the last one before it that shares a key, whoever sent that. */
  private Stretch stretch(List<AppliedBatch> sent) {
    List<List<Step>> byWorker = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      byWorker.add(new ArrayList<>());
    }
    List<Placed> units = new ArrayList<>();
    for (AppliedBatch batch : sent) {
      Step step = new Step(batch);
      byWorker.get(batch.worker()).add(step);
      batch.units().forEach(unit -> units.add(new Placed(unit, step)));
    }
    units.sort(Comparator.comparingLong(placed -> placed.unit.order()));
    Map<Long, Step> last = new HashMap<>();
    for (Placed placed : units) {
      for (long key : placed.unit.keys()) {
        Step before = last.put(key, placed.step);
        if (before != null && before.batch.worker() != placed.step.batch.worker()) {
          placed.step.after.add(before);
        }
      }
    }
    return new Stretch(byWorker);
  }

  int workers() {
    return workers;
  }

  /** Target transactions. */
  synchronized long batches() {
    return batches;
  }

  synchronized long statementBytes() {
    return statementBytes;
  }

  /** Rows of the ledger that were used, numbered from 1. */
  synchronized int slots() {
    return slots;
  }
}
