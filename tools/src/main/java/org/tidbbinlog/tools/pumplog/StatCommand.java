package org.tidbbinlog.tools.pumplog;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.pump.storage.LogInspection;
import org.tidbbinlog.pump.storage.SegmentReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code pump-log stat}: a line a file, and their sum. */
@Command(
    name = "stat",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Counts what each file of the value log holds, by kind, with its first and largest timestamp"
            + " and how far it is proved. Exit code 1 when something is damaged.")
final class StatCommand implements Callable<Integer> {
  private static final String LINE = "%-18s %11s %9s %9s %9s %9s %7s  %-24s %-24s %s%n";

  @Parameters(paramLabel = "DIR", description = "what a Pump's -data-dir names")
  private Path dir = Path.of("");

  private long bytes;
  private long records;
  private long prewrites;
  private long commits;
  private long heartbeats;
  private long others;
  private long damaged;

  @Override
  public Integer call() throws InterruptedException {
    return run(System.out, System.err, Clock.system());
  }

  int run(PrintStream out, PrintStream err, Clock clock) throws InterruptedException {
    LogInspection log = LogInspection.open(dir);
    Progress progress = new Progress(err, clock, log.totalBytes());
    out.printf(
        Locale.ROOT,
        LINE,
        "file",
        "bytes",
        "records",
        "prewrite",
        "commit",
        "heartbeat",
        "other",
        "first",
        "largest",
        "proof");
    for (int id : log.segments()) {
      Optional<SegmentReport> report = log.read(id, progress);
      report.ifPresent(segment -> line(out, segment));
    }
    damaged += log.acrossSegments().size();
    out.printf(
        Locale.ROOT,
        LINE,
        "total",
        bytes,
        records,
        prewrites,
        commits,
        heartbeats,
        others,
        "",
        "",
        "");
    out.printf(
        Locale.ROOT,
        "collected up to %s; damages %d%s%n",
        log.gcTs().isZero() ? "nothing" : time(log.gcTs()),
        damaged,
        damaged == 0 ? "" : " (`pump-log verify` names them)");
    return damaged == 0 ? 0 : 1;
  }

  private void line(PrintStream out, SegmentReport report) {
    bytes += report.fileBytes();
    records += report.records();
    prewrites += report.prewrites();
    commits += report.commits();
    heartbeats += report.heartbeats();
    others += report.others();
    damaged += report.damages().size();
    out.printf(
        Locale.ROOT,
        LINE,
        report.file(),
        report.fileBytes(),
        report.records(),
        report.prewrites(),
        report.commits(),
        report.heartbeats(),
        report.others(),
        time(report.firstTs()),
        time(report.maxTs()),
        proof(report));
  }

  private static String proof(SegmentReport report) {
    return switch (report.proof()) {
      case NONE -> "none";
      case OPEN -> "open, to " + report.provedTo();
      case SEALED -> "sealed";
    };
  }

  private static String time(Tso ts) {
    return ts.isZero() ? "-" : ts.instant().toString();
  }
}
