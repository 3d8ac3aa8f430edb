package org.tidbbinlog.drainer.schema;

import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.cluster.schema.SchemaSource;
import org.tidbbinlog.cluster.time.TimeSource;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.ddl.DdlJob;

/**
 * Finds the job of a DDL binlog. A job enters the history only after all servers took the new
 * schema, later than its binlog: so it asks again every second, for ever, and says what it waits
 * for. Source: ddl-meta section 1.
 */
public final class JobLookup {
  private static final Logger LOG = LoggerFactory.getLogger(JobLookup.class);
  private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);
  private static final int TRIES_BETWEEN_WARNINGS = 10;
  private static final int MAX_ABSENT = 30;

  private final SchemaSource source;
  private final TimeSource time;
  private final Clock clock;

  public JobLookup(SchemaSource source, TimeSource time, Clock clock) {
    this.source = source;
    this.time = time;
    this.clock = clock;
  }

  /** Blocks until the job is in the history. */
  public DdlJob await(long jobId) throws InterruptedException {
    for (int tries = 1; ; tries++) {
      Optional<DdlJob> job = tryFind(jobId, tries);
      if (job.isPresent()) {
        return SchemaStart.slim(job.get());
      }
      clock.sleep(BETWEEN_TRIES);
    }
  }

  /**
   * As {@link #await}, for a job that may be done without: empty when the history was read for half
   * a minute without it, or holds nothing readable under its id.
   */
  public Optional<DdlJob> tryAwait(long jobId) throws InterruptedException {
    for (int absent = 0; absent < MAX_ABSENT; clock.sleep(BETWEEN_TRIES)) {
      try {
        Optional<DdlJob> job = source.job(jobId, time.next());
        if (job.isPresent()) {
          return job.map(SchemaStart::slim);
        }
        absent++;
      } catch (RetryableException e) {
        LOG.atWarn()
            .addKeyValue("job", jobId)
            .addKeyValue("error", e.getMessage())
            .log("DDL job lookup failed, trying again");
      } catch (DecodeException e) {
        LOG.atWarn()
            .addKeyValue("job", jobId)
            .addKeyValue("error", e.getMessage())
            .log("DDL job cannot be read");
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private Optional<DdlJob> tryFind(long jobId, int tries) throws InterruptedException {
    try {
      Optional<DdlJob> job = source.job(jobId, time.next());
      if (job.isEmpty() && tries % TRIES_BETWEEN_WARNINGS == 0) {
        LOG.atWarn()
            .addKeyValue("job", jobId)
            .addKeyValue("seconds", tries)
            .log("DDL job is not in the history yet");
      }
      return job;
    } catch (RetryableException e) {
      LOG.atWarn()
          .addKeyValue("job", jobId)
          .addKeyValue("tries", tries)
          .addKeyValue("error", e.getMessage())
          .log("DDL job lookup failed, trying again");
      return Optional.empty();
    }
  }
}
