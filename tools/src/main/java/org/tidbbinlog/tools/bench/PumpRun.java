package org.tidbbinlog.tools.bench;

import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.tools.terminal.Terminal;

/** One measurement: warm up, write, pull. One thread; the load runs on the connections' loops. */
final class PumpRun implements AutoCloseable {
  private static final Duration PROGRESS_EVERY = Duration.ofSeconds(1);

  private final PumpBenchOptions options;
  private final long clusterId;
  private final long pid;
  private final Terminal progress;
  private final Oracle oracle = new Oracle(Clock.system());
  private final Written written = new Written();
  private final List<ManagedChannel> channels;
  private final Transactions transactions;

  PumpRun(PumpBenchOptions options, String target, long clusterId, long pid, Terminal progress) {
    this.options = options;
    this.clusterId = clusterId;
    this.pid = pid;
    this.progress = progress;
    this.transactions = new Transactions(clusterId, options.valueSize);
    int streams = Math.max(options.connections, Math.max(options.pullers, options.readers));
    this.channels =
        IntStream.range(0, streams).mapToObj(i -> Channels.open(target, Tls.plaintext())).toList();
  }

  PumpReport run() throws InterruptedException {
    long beginTs = options.from == 0 ? oracle.next() : options.from;
    if (options.warmup > 0) {
      write(options.warmup, "warm-up");
    }
    long measuredFromTs = options.from == 0 ? oracle.next() : options.from;
    Optional<ProcessUse> before = ProcessUse.of(pid);
    long warm = written.size();
    Optional<WriteResult> writes = Optional.empty();
    if (options.transactions > 0) {
      Readers readers = new Readers(this, beginTs);
      writes = Optional.of(write(options.transactions, "write"));
      readers.stop();
      if (options.readers > 0) {
        progress.line(readers.summary());
      }
    }
    Optional<Duration> writeCpu = ProcessUse.cpuSince(before, pid);
    Optional<Duration> pullCpu = Optional.empty();
    List<PullResult> pulls = List.of();
    for (int i = 0; options.pull && i < options.pulls; i++) {
      Optional<ProcessUse> beforePull = ProcessUse.of(pid);
      pulls = pull(measuredFromTs, written.size() - warm);
      pullCpu = ProcessUse.cpuSince(beforePull, pid);
    }
    return new PumpReport(
        options.concurrency,
        options.valueSize,
        measuredFromTs,
        writes,
        pulls,
        writeCpu,
        pullCpu,
        ProcessUse.of(pid),
        Optional.empty());
  }

  private WriteResult write(long count, String what) throws InterruptedException {
    WriteLoad.Plan plan =
        new WriteLoad.Plan(options.concurrency, count, Duration.ofSeconds(options.seconds));
    return new WriteLoad(transactions, oracle, plan, written)
        .run(
            channels.subList(0, options.connections),
            period ->
                progress.line(
                    "bench: %s %6.1f s  %,d transactions  %,.0f/s  prewrite p99 %.2f ms"
                        .formatted(
                            what,
                            period.atSeconds(),
                            period.transactions(),
                            period.perSecond(),
                            WriteResult.ms(period.prewriteNs(), 99))));
  }

  private List<PullResult> pull(long fromTs, long writtenHere) throws InterruptedException {
    long wanted = options.pullRecords > 0 ? options.pullRecords : writtenHere;
    List<PullLoad> streams = new ArrayList<>();
    for (int i = 0; i < options.pullers; i++) {
      streams.add(stream(i, fromTs, wanted));
    }
    List<PullResult> results = new ArrayList<>();
    for (PullLoad stream : streams) {
      while (!stream.await(PROGRESS_EVERY)) {
        progress.line("bench: pull  %,d of %,d".formatted(stream.records(), wanted));
      }
      results.add(stream.result());
    }
    return results;
  }

  PullLoad stream(int connection, long fromTs, long wanted) {
    Written expected = options.from == 0 ? written : new Written();
    PullCheck check = new PullCheck(expected, options.valueSize, fromTs);
    return PullLoad.start(channels.get(connection), clusterId, fromTs, check, wanted);
  }

  int readers() {
    return options.readers;
  }

  long readerRecords() {
    return options.pullRecords > 0 ? options.pullRecords : options.transactions;
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
  }
}
