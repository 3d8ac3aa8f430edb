package org.tidbbinlog.tools.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What {@code bench pump} is told. */
final class PumpBenchOptions {
  @Option(
      names = "--target",
      paramLabel = "HOST:PORT",
      description = "the Pump; never one of a live cluster, its Drainers could not read this")
  Optional<String> target = Optional.empty();

  @Option(
      names = "--cluster-id",
      paramLabel = "N",
      description = "PD's cluster id, unsigned; the Pump refuses others")
  Optional<String> clusterId = Optional.empty();

  @Option(
      names = "--local",
      description = "start a Pump of ours and a PD double for the time of the run")
  boolean local;

  @Option(names = "--concurrency", paramLabel = "C", description = "writers (default 64)")
  int concurrency = 64;

  @Option(
      names = "--connections",
      paramLabel = "K",
      description = "connections they share (default 2, as TiDB's servers have one each)")
  int connections = 2;

  @Option(
      names = "--transactions",
      paramLabel = "N",
      description = "how many to write (default 100000; 0 with --pull reads an earlier run's)")
  long transactions = 100_000;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "no new transaction after N seconds (default: no limit)")
  long seconds = Duration.ofDays(1).toSeconds();

  @Option(
      names = "--value-size",
      paramLabel = "S",
      description = "bytes of a Prewrite's value, at least 16 (default 256)")
  int valueSize = 256;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      description = "transactions before those that are measured (default 0)")
  long warmup;

  @Option(names = "--pull", description = "then pull everything back and check it")
  boolean pull;

  @Option(
      names = "--pullers",
      paramLabel = "N",
      description = "streams that pull at once, each checked (default 1)")
  int pullers = 1;

  @Option(
      names = "--pulls",
      paramLabel = "N",
      description = "pull so often in a row; the last one counts (default 1)")
  int pulls = 1;

  @Option(
      names = "--from",
      paramLabel = "TS",
      description = "pull after this timestamp (default: the start of this run)")
  long from;

  @Option(
      names = "--pull-records",
      paramLabel = "N",
      description = "pull so many transactions (default: all of this run)")
  long pullRecords;

  @Option(
      names = "--readers",
      paramLabel = "N",
      description = "streams that read from --from on, again and again, during the writes")
  int readers;

  @Option(names = "--pid", paramLabel = "PID", description = "process whose CPU time to show")
  long pid;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "with --local: data and logs (default: a temporary folder, deleted at the end)")
  Optional<Path> dataDir = Optional.empty();

  @Option(
      names = "--java-opts",
      paramLabel = "FLAGS",
      description = "with --local: JVM flags of the Pump instead of the launcher's")
  String javaOptions = "";

  @Option(
      names = "--restart",
      description = "with --local: at last kill it, time its start and an orderly stop")
  boolean restart;

  @Option(names = "--json", description = "print the result as one JSON object")
  boolean json;

  void requireSense() {
    Sense sense = new Sense("bench pump");
    sense.require(local != target.isPresent(), "give either --target or --local");
    sense.require(local || clusterId.isPresent(), "--target needs --cluster-id");
    sense.require(local || !restart, "--restart needs --local");
    sense.require(
        valueSize >= Transactions.MIN_VALUE_BYTES,
        "--value-size is at least " + Transactions.MIN_VALUE_BYTES);
    sense.require(concurrency > 0 && connections > 0, "--concurrency and --connections begin at 1");
    sense.require(
        !pull || transactions > 0 || pullRecords > 0, "nothing to pull: give --pull-records");
  }
}
