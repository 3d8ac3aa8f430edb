package org.tidbbinlog.tools.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What {@code bench pump} found, for people and for programs.
 *
 * @param fromTs where pulling begins; {@code --from} of a later run
 * @param pulls one a stream
 * @param writeCpu of the Pump's process while it was written to
 * @param pullCpu of it during the pull that counts
 * @param use of it at the end
 */
record PumpReport(
    int writers,
    int valueBytes,
    long fromTs,
    Optional<WriteResult> writes,
    List<PullResult> pulls,
    Optional<Duration> writeCpu,
    Optional<Duration> pullCpu,
    Optional<ProcessUse> use,
    Optional<PumpBench.Restart> restart) {
  private static final double MB = 1e6;

  PumpReport {
    pulls = List.copyOf(pulls);
  }

  PumpReport with(PumpBench.Restart came) {
    return new PumpReport(
        writers, valueBytes, fromTs, writes, pulls, writeCpu, pullCpu, use, Optional.of(came));
  }

  String json() {
    ObjectNode root = new ObjectMapper().createObjectNode();
    root.put("writers", writers).put("value_bytes", valueBytes).put("from_ts", fromTs);
    writes.ifPresent(result -> putWrites(root, result));
    if (!pulls.isEmpty()) {
      root.put("pullers", pulls.size()).put("pulled_records", pulls.get(0).records());
      root.put("pull_records_per_second", round(pullsPerSecond()));
      root.put("pull_mb_per_second", round(pullMegabytes()));
      cpuOfPulls().ifPresent(us -> root.put("pull_cpu_us_per_record", round(us)));
    }
    use.ifPresent(
        seen -> {
          root.put("rss_mb", round(seen.residentBytes() / MB));
          root.put("rss_peak_mb", round(seen.peakBytes() / MB));
        });
    restart.ifPresent(
        came -> {
          root.put("log_mb", round(came.logBytes() / MB));
          root.put("restart_seconds", round(came.startSeconds()));
          root.put("stop_seconds", round(came.stopSeconds()));
        });
    try {
      return new ObjectMapper().writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private void putWrites(ObjectNode root, WriteResult result) {
    root.put("transactions", result.transactions()).put("seconds", round(result.seconds()));
    root.put("transactions_per_second", round(result.perSecond()));
    root.put("mb_per_second", round(megabytes(result)));
    root.putObject("prewrite_ms")
        .put("p50", round(WriteResult.ms(result.prewriteNs(), 50)))
        .put("p99", round(WriteResult.ms(result.prewriteNs(), 99)))
        .put("max", round(result.maxMs()));
    cpuOfWrites(result).ifPresent(us -> root.put("cpu_us_per_transaction", round(us)));
    if (result.series().points().size() > 1) {
      var series = root.putArray("series");
      for (WriteResult.Series.Point point : result.series().points()) {
        series
            .addObject()
            .put("at_seconds", round(point.atSeconds()))
            .put("transactions_per_second", round(point.perSecond()))
            .put("p99_ms", round(point.p99Ms()));
      }
    }
  }

  String text() {
    StringBuilder text = new StringBuilder();
    writes.ifPresent(
        result ->
            text.append(
                """
                write     %,d transactions of %,d bytes by %d writers in %.1f s
                          %,.0f transactions/s, %.1f MB/s
                prewrite  p50 %.2f ms, p99 %.2f ms, max %.2f ms
                """
                    .formatted(
                        result.transactions(),
                        valueBytes,
                        writers,
                        result.seconds(),
                        result.perSecond(),
                        megabytes(result),
                        WriteResult.ms(result.prewriteNs(), 50),
                        WriteResult.ms(result.prewriteNs(), 99),
                        result.maxMs())));
    writes
        .flatMap(this::cpuOfWrites)
        .ifPresent(us -> text.append("cpu       %.1f us/transaction%n".formatted(us)));
    if (!pulls.isEmpty()) {
      text.append(
          "pull      %d x %,d records in order, complete, as written%n          %,.0f records/s, %.1f MB/s%s%n"
              .formatted(
                  pulls.size(),
                  pulls.get(0).records(),
                  pullsPerSecond(),
                  pullMegabytes(),
                  cpuOfPulls().map(us -> ", cpu %.1f us/record".formatted(us)).orElse("")));
    }
    use.ifPresent(
        seen ->
            text.append(
                "memory    %.0f MB, peak %.0f MB (RSS)%n"
                    .formatted(seen.residentBytes() / MB, seen.peakBytes() / MB)));
    restart.ifPresent(
        came ->
            text.append(
                "restart   %.2f s after kill -9 with %,.0f MB of log; orderly stop %.2f s%n"
                    .formatted(came.startSeconds(), came.logBytes() / MB, came.stopSeconds())));
    return text.append("from ts   ").append(fromTs).toString();
  }

  private double megabytes(WriteResult result) {
    return result.perSecond() * valueBytes / MB;
  }

  /** Of all streams together, over the time of the slowest. */
  private double pullsPerSecond() {
    long records = pulls.stream().mapToLong(PullResult::records).sum();
    return records / slowestSeconds();
  }

  private double pullMegabytes() {
    return pulls.stream().mapToLong(PullResult::bytes).sum() / slowestSeconds() / MB;
  }

  private double slowestSeconds() {
    return pulls.stream().mapToDouble(PullResult::seconds).max().orElse(1);
  }

  private Optional<Double> cpuOfWrites(WriteResult result) {
    return writeCpu.map(cpu -> cpu.toNanos() / 1e3 / result.transactions());
  }

  private Optional<Double> cpuOfPulls() {
    long records = pulls.stream().mapToLong(PullResult::records).sum();
    return pullCpu.map(cpu -> cpu.toNanos() / 1e3 / records);
  }

  private static double round(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
