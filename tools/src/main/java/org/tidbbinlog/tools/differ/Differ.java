package org.tidbbinlog.tools.differ;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.tools.compare.TargetAddress;

/**
 * Runs seeds one after the other on one server. A seed is a whole case: tables, transactions, DDL,
 * and how the sink is set up. Not thread-safe.
 */
public final class Differ implements AutoCloseable {
  /** Cluster ids; a server that is not ours keeps what an earlier run left. */
  private static final AtomicLong CLUSTERS =
      new AtomicLong(Clock.system().now().getEpochSecond() << 20);

  /** What to tell of a seed that fails. */
  public enum Telling {
    DIFFERENCES,
    /** Also the shortest history found that still fails. */
    STORY
  }

  private final DifferTarget target;
  private final Telling telling;

  private Differ(DifferTarget target, Telling telling) {
    this.target = target;
    this.telling = telling;
  }

  /**
   * @param address a server to use; empty = a MariaDB of our own
   */
  public static Differ open(Optional<TargetAddress> address, Telling telling) throws SQLException {
    return new Differ(
        address.isPresent() ? DifferTarget.at(address.get()) : DifferTarget.start(), telling);
  }

  public CaseOutcome run(long seed) throws SQLException, InterruptedException {
    CasePlan plan = CasePlan.of(seed);
    History history = History.of(plan);
    List<String> differences = differences(plan, history);
    List<String> story =
        differences.isEmpty() || telling == Telling.DIFFERENCES
            ? List.of()
            : new Story(plan, history, this::differences).tell();
    return new CaseOutcome(
        seed,
        history.entries().size() - history.ddlCount(),
        history.rowCount(),
        history.ddlCount(),
        plan.text(),
        differences,
        story);
  }

  private List<String> differences(CasePlan plan, History history)
      throws SQLException, InterruptedException {
    return new CaseRun(plan, history, target, CLUSTERS.incrementAndGet()).differences();
  }

  @Override
  public void close() throws SQLException {
    target.close();
  }
}
