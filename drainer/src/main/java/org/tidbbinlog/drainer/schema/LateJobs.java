package org.tidbbinlog.drainer.schema;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.ddl.DdlJob;

/**
 * Jobs whose binlog comes in a later transaction than their last schema version: rows of that
 * version, and DDL of newer ones, may be in the stream before it. The target has not seen them
 * then, so they wait for their binlog. Source: ddl-meta section 5, multi-schema change.
 */
final class LateJobs {
  /** Behind that much more, a binlog that has not come is one that was never written. */
  private static final Duration OVERDUE = Duration.ofMinutes(1);

  private final Map<Long, DdlJob> jobs = new LinkedHashMap<>();

  static boolean isOne(DdlJob job) {
    return job.action() == DdlAction.MULTI_SCHEMA_CHANGE;
  }

  void add(DdlJob job) {
    jobs.putIfAbsent(job.id(), job);
  }

  void remove(long jobId) {
    jobs.remove(jobId);
  }

  Optional<DdlJob> find(long jobId) {
    return Optional.ofNullable(jobs.get(jobId));
  }

  boolean isAbout(long tableId) {
    return jobs.values().stream().anyMatch(job -> job.tableId() == tableId);
  }

  /** Takes out those whose binlog came before; their version alone tells at timestamp 0. */
  List<DdlJob> takeBefore(Tso checkpoint, long schemaVersion) {
    return take(
        checkpoint.isZero()
            ? job -> job.schemaVersion() <= schemaVersion
            : job -> job.finishedTs() <= checkpoint.value());
  }

  /** Takes out those that are waited for in vain. */
  List<DdlJob> takeOverdue(Tso commitTs) {
    return jobs.isEmpty()
        ? List.of()
        : take(
            job ->
                new Tso(Math.max(0, job.finishedTs())).physicalMs() + OVERDUE.toMillis()
                    < commitTs.physicalMs());
  }

  private List<DdlJob> take(Predicate<DdlJob> wanted) {
    List<DdlJob> taken = new ArrayList<>();
    for (DdlJob job : List.copyOf(jobs.values())) {
      if (wanted.test(job)) {
        taken.add(job);
        jobs.remove(job.id());
      }
    }
    return taken;
  }
}
