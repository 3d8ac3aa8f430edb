package org.tidbbinlog.tools.bench.drain;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.tools.bench.Sense;
import picocli.CommandLine.Option;

/** What {@code bench drainer} is told. */
final class DrainerBenchOptions {
  @Option(
      names = "--capture",
      paramLabel = "DIR",
      description = "drain what a real cluster did: a folder that `capture` wrote")
  Optional<Path> capture = Optional.empty();

  @Option(
      names = "--generate",
      paramLabel = "PROFILE",
      converter = Profile.Reader.class,
      description =
          "drain made-up work: mixed, hot-row, big-transaction, wide or many-tables (see"
              + " docs/performance.md)")
  Optional<Profile> profile = Optional.empty();

  @Option(
      names = "--scale",
      paramLabel = "X",
      description = "with --generate: so many times the profile's usual size (default 1)")
  double scale = 1;

  @Option(
      names = "--target",
      paramLabel = "URL",
      description =
          "mysql://user:password@host:port of an empty server; what is drained is dropped there"
              + " between the runs (default: an embedded MariaDB with its own default settings)")
  Optional<String> target = Optional.empty();

  @Option(
      names = "--target-pid",
      paramLabel = "PID",
      description = "with --target: the server's process, to show its CPU time")
  long targetPid;

  @Option(names = "--workers", paramLabel = "N", description = "worker-count (default 16)")
  int workers = 16;

  @Option(names = "--txn-batch", paramLabel = "N", description = "txn-batch (default 20)")
  int txnBatch = 20;

  @Option(
      names = "--ceiling",
      description =
          "also send the same final statements from memory over as many connections, with no other"
              + " work: the target's own limit")
  boolean ceiling;

  @Option(
      names = "--original",
      paramLabel = "FILE",
      description = "also measure this program: an original Drainer, with the same flags")
  Optional<Path> original = Optional.empty();

  @Option(
      names = "--latency",
      description =
          "instead of a drain: one row at a time on an idle system, from the acknowledged commit to"
              + " the row being visible in the target")
  boolean latency;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "with --latency: beside a load of N rows a second (default 0: idle)")
  int rate;

  @Option(
      names = "--probes",
      paramLabel = "N",
      description = "with --latency: so many rows are timed (default 1000)")
  int probes = 1000;

  @Option(names = "--runs", paramLabel = "N", description = "measure so often (default 1)")
  int runs = 1;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "data and logs (default: a temporary folder, deleted after success)")
  Optional<Path> dataDir = Optional.empty();

  @Option(
      names = "--java-opts",
      paramLabel = "FLAGS",
      description =
          "JVM flags of the Drainer instead of the launcher's; may be given several times, to"
              + " measure each")
  List<String> javaOptions = List.of("");

  @Option(
      names = "--limit",
      paramLabel = "SECONDS",
      description = "a drain that takes longer has failed (default 1800)")
  long limitSeconds = 1800;

  @Option(names = "--json", description = "print the result as one JSON object")
  boolean json;

  void requireSense() {
    Sense sense = new Sense("bench drainer");
    sense.require(
        latency || capture.isPresent() != profile.isPresent(),
        "give either --capture or --generate");
    sense.require(!latency || capture.isEmpty(), "--latency makes its own rows, without --capture");
    sense.require(workers > 0 && txnBatch > 0 && runs > 0, "numbers begin at 1");
    sense.require(scale > 0, "--scale is more than 0");
    sense.require(probes > 0 && rate >= 0, "--probes begins at 1, --rate at 0");
  }
}
