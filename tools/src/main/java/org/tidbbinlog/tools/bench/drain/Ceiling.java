package org.tidbbinlog.tools.bench.drain;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings;
import org.tidbbinlog.sinks.mysql.ledger.LedgerTable;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.tools.bench.ProcessUse;
import org.tidbbinlog.tools.bench.drain.Recording.Step;
import org.tidbbinlog.tools.compare.ComparisonReport;

/**
 * Sends recorded statements once more, from memory and over as many connections, with nothing else
 * to do: what the target can take at most. A batch waits only for those that its rows depend on,
 * and for its predecessor in its row of the ledger. Threads {@code bench-ceiling-n}, one a
 * connection, share this object's monitor.
 */
final class Ceiling {
  /** What was seen. */
  record Result(
      double seconds,
      long targetTransactions,
      long statementBytes,
      Optional<Duration> targetCpu,
      Optional<ComparisonReport> compared) {
    Result with(Optional<ComparisonReport> comparison) {
      return new Result(seconds, targetTransactions, statementBytes, targetCpu, comparison);
    }
  }

  private final Recording recording;
  private final TargetConnector connector;
  private final long[] slotSeqs;
  private @Nullable SQLException failure;

  private Ceiling(Recording recording, TargetConnector connector) {
    this.recording = recording;
    this.connector = connector;
    this.slotSeqs = new long[recording.slots() + 1];
  }

  /** On a target that was just recorded on: its tables stay, their rows go first. */
  static Result measure(Recording recording, TargetServer target, MysqlTargetSettings settings)
      throws InterruptedException {
    String ledger = "`" + settings.ledgerSchema() + "`.`" + LedgerTable.NAME + "`";
    for (String table : tables(target, settings.ledgerSchema())) {
      target.execute("truncate table " + table);
    }
    target.execute("delete from " + ledger + " where slot>0");
    for (int slot = 1; slot <= recording.slots(); slot++) {
      target.execute(
          "insert into %s select clusterID,%d,owner,0,1,0,0,'' from %s where slot=0"
              .formatted(ledger, slot, ledger));
    }
    Optional<ProcessUse> before = ProcessUse.of(target.pid());
    double seconds = new Ceiling(recording, TargetConnector.probe(settings)).send();
    return new Result(
        seconds,
        recording.batches(),
        recording.statementBytes(),
        ProcessUse.cpuSince(before, target.pid()),
        Optional.empty());
  }

  private static List<String> tables(TargetServer target, String ledgerSchema) {
    return target.query(
        """
        select concat('`', replace(table_schema,'`','``'), '`.`', replace(table_name,'`','``'), '`')
        from information_schema.tables
        where table_type='BASE TABLE' and table_schema not in
          ('mysql','information_schema','performance_schema','sys','%s')
        """
            .formatted(ledgerSchema));
  }

  private double send() throws InterruptedException {
    List<SqlSession> sessions = new ArrayList<>();
    try {
      for (int i = 0; i < recording.workers(); i++) {
        sessions.add(connector.open());
      }
      List<Recording.Stretch> stretches = recording.stretches();
      long beginNs = System.nanoTime();
      for (Recording.Stretch stretch : stretches) {
        send(stretch, sessions);
      }
      return (System.nanoTime() - beginNs) / 1e9;
    } catch (SQLException e) {
      throw new OperatorException(
          "the recorded statements cannot be sent again, so there is no ceiling: "
              + e.getMessage()
              + " (a DDL between the rows changed what they need?)",
          e);
    } finally {
      sessions.forEach(SqlSession::close);
    }
  }

  private void send(Recording.Stretch stretch, List<SqlSession> sessions)
      throws InterruptedException, SQLException {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < sessions.size(); i++) {
      SqlSession session = sessions.get(i);
      List<Step> steps = stretch.byWorker().get(i);
      Thread thread = new Thread(() -> sendAll(steps, session), "bench-ceiling-" + i);
      thread.setDaemon(true);
      threads.add(thread);
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    SQLException cause = failure();
    if (cause != null) {
      throw cause;
    }
  }

  private void sendAll(List<Step> steps, SqlSession session) {
    try {
      for (Step step : steps) {
        if (!awaitTurn(step)) {
          return;
        }
        for (String packet : step.batch().packets()) {
          session.executeAll(packet);
        }
        committed(step);
      }
    } catch (SQLException e) {
      fail(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean awaitTurn(Step step) throws InterruptedException {
    while (failure == null && !isReady(step)) {
      wait();
    }
    return failure == null;
  }

  private boolean isReady(Step step) {
    return slotSeqs[step.batch().slot()] >= step.batch().slotSeq()
        && step.after().stream().allMatch(Step::isCommitted);
  }

  private synchronized void committed(Step step) {
    step.markCommitted();
    slotSeqs[step.batch().slot()] = step.batch().slotSeq() + 1;
    notifyAll();
  }

  private synchronized void fail(SQLException cause) {
    failure = failure == null ? cause : failure;
    notifyAll();
  }

  private synchronized @Nullable SQLException failure() {
    return failure;
  }
}
