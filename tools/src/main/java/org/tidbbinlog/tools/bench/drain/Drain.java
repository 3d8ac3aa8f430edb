package org.tidbbinlog.tools.bench.drain;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.testkit.capture.Capture;
import org.tidbbinlog.tools.bench.LocalPump;
import org.tidbbinlog.tools.bench.ProcessUse;
import org.tidbbinlog.tools.compare.ComparisonReport;
import org.tidbbinlog.tools.compare.TargetComparison;
import org.tidbbinlog.tools.compare.Truth;

/** One Drainer on one empty target, from the start of its process to the last row. */
final class Drain {
  private static final long POLL_MS = 10;
  private static final String MARK =
      "select 1 from information_schema.schemata where schema_name='" + EndMark.DATABASE + "'";

  /**
   * What was seen.
   *
   * @param startSeconds from the start of the process to its first pull
   * @param drainSeconds from there to the last row
   * @param targetCpu of the server meanwhile; empty when its process is not known
   * @param use of the Drainer at the end
   * @param work shares of its CPU time by thread
   * @param stages by its own clocks, if it is ours
   * @param compared with what the capture says the target must be
   */
  record Result(
      String who,
      double startSeconds,
      double drainSeconds,
      Optional<Duration> targetCpu,
      ProcessUse use,
      Map<String, Double> work,
      Optional<StageShares> stages,
      Optional<ComparisonReport> compared) {
    Result {
      work = Map.copyOf(work);
    }

    double seconds() {
      return startSeconds + drainSeconds;
    }
  }

  private final LocalPump pump;
  private final TargetServer target;
  private final Duration limit;

  Drain(LocalPump pump, TargetServer target, Duration limit) {
    this.pump = pump;
    this.target = target;
    this.limit = limit;
  }

  /** Runs a Drainer on a target that is made empty first. */
  Result run(String who, DrainerProcess.Plan plan, Optional<Capture> truth)
      throws InterruptedException {
    PullWatch pulls = new PullWatch(pump.log());
    Optional<ProcessUse> targetBefore = ProcessUse.of(target.pid());
    Instant begin = Instant.now();
    try (DrainerProcess drainer = DrainerProcess.start(plan)) {
      Instant end = awaitMark(drainer, begin);
      Optional<Duration> targetCpu = ProcessUse.cpuSince(targetBefore, target.pid());
      ProcessUse use = ProcessUse.of(drainer.pid()).orElseThrow();
      Map<String, Double> work = ThreadTimes.shares(drainer.pid());
      Optional<StageShares> stages = drainer.get("/metrics").flatMap(StageShares::of);
      Instant pulled = pulls.firstPull().orElse(begin);
      return new Result(
          who,
          seconds(begin, pulled),
          seconds(pulled, end),
          targetCpu,
          use,
          work,
          stages,
          truth.flatMap(this::compare));
    }
  }

  private static double seconds(Instant from, Instant to) {
    return Duration.between(from, to).toNanos() / 1e9;
  }

  private Instant awaitMark(DrainerProcess drainer, Instant begin) throws InterruptedException {
    try (Connection connection = target.address().connect();
        Statement statement = connection.createStatement()) {
      while (true) {
        try (ResultSet mark = statement.executeQuery(MARK)) {
          if (mark.next()) {
            return Instant.now();
          }
        }
        drainer.requireAlive();
        if (Duration.between(begin, Instant.now()).compareTo(limit) > 0) {
          throw new OperatorException(
              "not drained after " + limit.toSeconds() + " s; see " + drainer.log());
        }
        Thread.sleep(POLL_MS);
      }
    } catch (SQLException e) {
      throw target.failed(e);
    }
  }

  /** Empty when the capture does not say what must be. */
  Optional<ComparisonReport> compare(Capture capture) {
    if (capture.truth().isEmpty()) {
      return Optional.empty();
    }
    try (Connection connection = target.address().connect()) {
      return Optional.of(
          Truth.read(capture.truth().get())
              .compare(connection, TargetComparison.Scope.NAMED_DATABASES));
    } catch (SQLException e) {
      throw target.failed(e);
    }
  }
}
