package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;

/**
 * Reads finished segments again long after they were written, so that what a disk lost is known
 * while other copies may still exist. Through files of its own: nobody waits for it. A pass belongs
 * to one thread; the report may be asked for by all.
 */
final class Scrubber {
  private static final int MOST_SHOWN = 100;
  private static final Logger LOG = LoggerFactory.getLogger(Scrubber.class);

  private final Disk disk;
  private final ValueLog values;
  private final Clock clock;
  private ScrubReport report = ScrubReport.NONE;

  Scrubber(Disk disk, ValueLog values, Clock clock) {
    this.disk = disk;
    this.values = values;
    this.clock = clock;
  }

  synchronized ScrubReport report() {
    return report;
  }

  void pass(ScrubPace pace) throws InterruptedException {
    Instant started = clock.now();
    List<Damage> found = new ArrayList<>();
    long records = 0;
    for (ValueSegment segment : List.copyOf(values.segments())) {
      if (segment.isFinished() && values.segment(segment.id()).isPresent()) {
        reading(started, segment.name());
        records += check(segment, pace, found);
      }
    }
    ended(started, records, found);
  }

  private long check(ValueSegment segment, ScrubPace pace, List<Damage> found)
      throws InterruptedException {
    try {
      SegmentReport read =
          SegmentCheck.run(
              disk,
              segment.id(),
              SegmentCheck.Place.INNER,
              bytes -> {
                if (Thread.interrupted()) {
                  throw new InterruptedException("scrubbing was told to end");
                }
                count(bytes);
                pace.read(bytes);
              });
      read.damages().forEach(damage -> found(damage, found));
      return read.records();
    } catch (IOException e) {
      if (values.segment(segment.id()).isPresent()) {
        found(unreadable(segment, e), found);
      }
      return 0;
    }
  }

  private static Damage unreadable(ValueSegment segment, IOException e) {
    return new Damage(segment.name(), 0, segment.end(), "cannot be read: " + e, Tso.ZERO, Tso.ZERO);
  }

  private void found(Damage damage, List<Damage> soFar) {
    soFar.add(damage);
    show(soFar);
    LOG.atError()
        .addKeyValue("file", damage.file())
        .addKeyValue("offset", damage.offset())
        .addKeyValue("bytes", damage.bytes())
        .addKeyValue("what", damage.what())
        .addKeyValue("tsBefore", damage.before())
        .addKeyValue("tsAfter", damage.after())
        .log("value log damaged");
  }

  /** What is known so far, and what the pass before found where this one has not been yet. */
  private synchronized void show(List<Damage> soFar) {
    List<Damage> all = new ArrayList<>(soFar);
    report.damages().stream().filter(old -> !all.contains(old)).forEach(all::add);
    report =
        new ScrubReport(
            report.lastStarted(),
            report.lastEnded(),
            report.passes(),
            report.records(),
            report.bytes(),
            report.reading(),
            Math.max(report.damaged(), all.size()),
            all.subList(0, Math.min(MOST_SHOWN, all.size())));
  }

  private synchronized void reading(Instant started, String file) {
    report =
        new ScrubReport(
            started,
            report.lastEnded(),
            report.passes(),
            report.records(),
            report.bytes(),
            file,
            report.damaged(),
            report.damages());
  }

  private synchronized void count(long bytes) {
    report =
        new ScrubReport(
            report.lastStarted(),
            report.lastEnded(),
            report.passes(),
            report.records(),
            report.bytes() + bytes,
            report.reading(),
            report.damaged(),
            report.damages());
  }

  private synchronized void ended(Instant started, long records, List<Damage> found) {
    report =
        new ScrubReport(
            started,
            clock.now(),
            report.passes() + 1,
            records,
            report.bytes(),
            "",
            found.size(),
            found.subList(0, Math.min(MOST_SHOWN, found.size())));
    LOG.atInfo()
        .addKeyValue("records", records)
        .addKeyValue("damaged", found.size())
        .log("value log scrubbed");
  }
}
