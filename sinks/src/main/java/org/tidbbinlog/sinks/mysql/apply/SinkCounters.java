package org.tidbbinlog.sinks.mysql.apply;

import java.time.Instant;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntUnaryOperator;
import org.tidbbinlog.drainer.sink.Divergence;
import org.tidbbinlog.drainer.sink.Divergences;
import org.tidbbinlog.drainer.sink.RowChange;

/** What the sink counts. Thread-safe. Source: drainer section 14. */
public final class SinkCounters {
  /** Told about each measured thing; metrics hang here. */
  public interface Listener {
    /** {@code kind} as in the metric {@code event}: Insert, Update, Delete, DDL. */
    void onEvents(String kind, int count);

    /** One target transaction, from the first statement to the commit's answer. */
    void onExecuted(double seconds);

    /** {@code type} as in {@code query_duration_time}: exec, commit. */
    void onQuery(String type, double seconds);

    /** Rows that are not as the row images say. */
    void onDivergence(int rowCount);

    /** A part of a DDL was left out for the target's sake. */
    void onDdlPartSkipped();

    /** Rows of a table that the target does not have were left out, as somebody chose. */
    default void onLeftOut(int rowCount) {}

    /** Workers that were set up; {@code load} tells how many units wait at one of them. */
    default void onWorkers(int count, IntUnaryOperator load) {}

    /** Whether {@link #onBatch} is to be called; each batch's text is kept until then. */
    default boolean wantsBatches() {
      return false;
    }

    /** A target transaction that is committed. */
    default void onBatch(AppliedBatch batch) {}

    /** Listens to nothing. */
    Listener NONE =
        new Listener() {
          @Override
          public void onEvents(String kind, int count) {}

          @Override
          public void onExecuted(double seconds) {}

          @Override
          public void onQuery(String type, double seconds) {}

          @Override
          public void onDivergence(int rowCount) {}

          @Override
          public void onDdlPartSkipped() {}
        };
  }

  private final Listener listener;
  private final DivergenceReport divergences;
  private final LongAdder targetTransactions = new LongAdder();
  private final LongAdder rows = new LongAdder();
  private final LongAdder retries = new LongAdder();
  private final LongAdder ddlPartsSkipped = new LongAdder();
  private final LongAdder rowsLeftOut = new LongAdder();

  public SinkCounters(Listener listener) {
    this(listener, new Divergences());
  }

  /**
   * @param divergences where they are remembered for others
   */
  public SinkCounters(Listener listener, Divergences divergences) {
    this.listener = listener;
    this.divergences = new DivergenceReport(divergences);
  }

  /** Rows. */
  public long divergences() {
    return divergences.count();
  }

  public long targetTransactions() {
    return targetTransactions.sum();
  }

  public long rows() {
    return rows.sum();
  }

  public long retries() {
    return retries.sum();
  }

  public long ddlPartsSkipped() {
    return ddlPartsSkipped.sum();
  }

  public long rowsLeftOut() {
    return rowsLeftOut.sum();
  }

  /** Rows of a table that the target does not have, as somebody chose. */
  public void leftOut(int rowCount) {
    rowsLeftOut.add(rowCount);
    listener.onLeftOut(rowCount);
  }

  void retried() {
    retries.increment();
  }

  void committed(int rowCount, double seconds) {
    targetTransactions.increment();
    rows.add(rowCount);
    listener.onExecuted(seconds);
  }

  boolean wantsBatches() {
    return listener.wantsBatches();
  }

  void applied(AppliedBatch batch) {
    listener.onBatch(batch);
  }

  void queried(String type, double seconds) {
    listener.onQuery(type, seconds);
  }

  void workers(int count, IntUnaryOperator load) {
    listener.onWorkers(count, load);
  }

  public void events(String kind, int count) {
    listener.onEvents(kind, count);
  }

  public void ddlPartSkipped() {
    ddlPartsSkipped.increment();
    listener.onDdlPartSkipped();
  }

  /**
   * A row that is not as the images say.
   *
   * @param rowCount 1, or how many rows when it is not known which they are
   */
  void diverged(Divergence one, int rowCount) {
    divergences.add(one, rowCount);
    listener.onDivergence(rowCount);
  }

  /** Whether one more divergence would be named in the log; after very many they are not. */
  boolean namesDivergences() {
    return divergences.namesEach();
  }

  /** Asked every few seconds: divergences that were counted and not named. */
  public void maybeSumUpDivergences(Instant now) {
    divergences.maybeSumUp(now);
  }

  /** Nothing more comes. */
  public void sumUpDivergences(Instant now) {
    divergences.sumUp(now);
  }

  /** Rows written and committed. */
  void wrote(RowChange.Kind kind, int count) {
    listener.onEvents(
        switch (kind) {
          case INSERT -> "Insert";
          case UPDATE -> "Update";
          case DELETE -> "Delete";
        },
        count);
  }
}
