package org.tidbbinlog.tools.pumplog;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.pump.storage.Damage;
import org.tidbbinlog.pump.storage.LogInspection;
import org.tidbbinlog.pump.storage.SegmentReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pump-log verify}: 0 = sound, 1 = not. */
@Command(
    name = "verify",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = {
      "Reads every record: frame, CRC-32C, payload, footer, and the continuity proof, which also finds"
          + " records that were removed, reordered or altered together with their CRC. Files without"
          + " a proof (an original Pump's) are checked as far as their CRCs go, and counted.",
      "Damage is named with file, offset and the timestamps of the records around it."
    })
final class VerifyCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "what a Pump's -data-dir names")
  private Path dir = Path.of("");

  @Option(
      names = "--chain",
      paramLabel = "HEX",
      description =
          "a chain value noted before (from /status or the log): it must be part of the chain, else"
              + " the log was replaced as a whole")
  private String chain = "";

  @Option(names = "--quiet", description = "no progress, only damage and the last line")
  private boolean quiet;

  private long records;
  private long unproved;
  private long late;
  private long tail;
  private long damaged;
  private long remnants;

  @Override
  public Integer call() throws InterruptedException {
    return run(System.out, System.err, Clock.system());
  }

  int run(PrintStream out, PrintStream err, Clock clock) throws InterruptedException {
    LogInspection log = LogInspection.open(dir);
    Progress progress = new Progress(err, clock, quiet ? Long.MAX_VALUE : log.totalBytes());
    int read = 0;
    for (int id : log.segments()) {
      Optional<SegmentReport> report = log.read(id, quiet ? bytes -> {} : progress);
      if (report.isPresent()) {
        read++;
        take(out, report.get());
      }
    }
    show(out, log.acrossSegments());
    if (!chain.isEmpty() && !log.hasChainValue(chain.toLowerCase(Locale.ROOT))) {
      damaged++;
      out.println("damage: chain value " + chain + " is not part of this log's chain");
    }
    out.printf(
        Locale.ROOT,
        "pump-log: %s dir=%s segments=%d records=%d unprovedBytes=%d lateBytes=%d tailBytes=%d"
            + " remnants=%d damages=%d seconds=%.1f%n",
        damaged == 0 ? "OK" : "DAMAGED",
        dir,
        read,
        records,
        unproved,
        late,
        tail,
        remnants,
        damaged,
        progress.seconds());
    return damaged == 0 ? 0 : 1;
  }

  private void take(PrintStream out, SegmentReport report) {
    records += report.records();
    late += report.lateBytes();
    tail += report.tailBytes();
    long end = report.fileBytes() - report.tailBytes() - (report.finished() ? 12 : 0);
    unproved += Math.max(0, end - report.provedTo());
    report.remnants().forEach(remnant -> out.println("remnant of a crash: " + remnant.text()));
    remnants += report.remnants().size();
    show(out, report.damages());
  }

  private void show(PrintStream out, List<Damage> damages) {
    damages.forEach(damage -> out.println("damage: " + damage.text()));
    damaged += damages.size();
  }
}
