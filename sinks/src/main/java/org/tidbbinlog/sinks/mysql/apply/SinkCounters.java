package org.tidbbinlog.sinks.mysql.apply;

import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntUnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.sinks.mysql.rows.PlannedStatement;
import org.tidbbinlog.sinks.mysql.rows.RowOp;
import org.tidbbinlog.sinks.mysql.target.TargetFault;

/** What the sink counts. Thread-safe. Source: drainer section 14. */
public final class SinkCounters {
  private static final Logger LOG = LoggerFactory.getLogger(SinkCounters.class);
  private static final long LOGGED_DIVERGENCES = 1000;

  /** Told about each measured thing; metrics hang here. */
  public interface Listener {
    /** {@code kind} as in the metric {@code event}: Insert, Update, Delete, DDL. */
    void onEvents(String kind, int count);

    /** One target transaction, from the first statement to the commit's answer. */
    void onExecuted(double seconds);

    /** {@code type} as in {@code query_duration_time}: exec, commit. */
    void onQuery(String type, double seconds);

    void onDivergence();

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
          public void onDivergence() {}

          @Override
          public void onDdlPartSkipped() {}
        };
  }

  private final Listener listener;
  private final LongAdder divergences = new LongAdder();
  private final LongAdder targetTransactions = new LongAdder();
  private final LongAdder rows = new LongAdder();
  private final LongAdder retries = new LongAdder();
  private final LongAdder ddlPartsSkipped = new LongAdder();
  private final LongAdder rowsLeftOut = new LongAdder();

  public SinkCounters(Listener listener) {
    this.listener = listener;
  }

  public long divergences() {
    return divergences.sum();
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

  /** A statement whose row count contradicts the images. */
  void diverged(String what, PlannedStatement statement, int actual) {
    divergences.increment();
    listener.onDivergence();
    if (divergences.sum() <= LOGGED_DIVERGENCES) {
      Tso commitTs = statement.first().commitTs();
      LOG.atWarn()
          .addKeyValue("what", what)
          .addKeyValue("table", statement.first().shape().table().quotedName())
          .addKeyValue("statement", statement.kind())
          .addKeyValue("rows", statement.rowCount())
          .addKeyValue("expected-count", statement.expectedRows())
          .addKeyValue("count", actual)
          .addKeyValue("commit-ts", commitTs)
          .addKeyValue("sql", shortened(statement.sql()))
          .log("target diverges from the row images");
    }
  }

  /** A row that is to be inserted or moved is there already. */
  void divergedOnDuplicate(ApplyUnit unit, SQLException error) {
    divergences.increment();
    listener.onDivergence();
    if (divergences.sum() <= LOGGED_DIVERGENCES) {
      LOG.atWarn()
          .addKeyValue("what", "the row is there already")
          .addKeyValue("table", unit.isTransaction() ? "" : unit.op().shape().table().quotedName())
          .addKeyValue("commit-ts", unit.transaction().commitTs())
          .addKeyValue("error", TargetFault.brief(error))
          .log("target diverges from the row images");
    }
  }

  /** Rows written, by kind. */
  void count(List<RowOp> ops) {
    int inserts = 0;
    int updates = 0;
    int deletes = 0;
    for (RowOp op : ops) {
      switch (op.change().kind()) {
        case INSERT -> inserts++;
        case UPDATE -> updates++;
        case DELETE -> deletes++;
      }
    }
    event("Insert", inserts);
    event("Update", updates);
    event("Delete", deletes);
  }

  private void event(String kind, int count) {
    if (count > 0) {
      listener.onEvents(kind, count);
    }
  }

  static String shortened(String sql) {
    return sql.length() <= 200 ? sql : sql.substring(0, 200) + "...";
  }
}
