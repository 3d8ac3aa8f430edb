package org.tidbbinlog.drainer.translate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.schema.SchemaSource;
import org.tidbbinlog.cluster.time.TimeSource;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.drainer.filter.BinlogFilter;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.filter.Loopback;
import org.tidbbinlog.drainer.schema.JobLookup;
import org.tidbbinlog.drainer.schema.SchemaStart;
import org.tidbbinlog.drainer.schema.SchemaTracker;
import org.tidbbinlog.drainer.schema.UnknownActions;
import org.tidbbinlog.drainer.schema.UnknownTables;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.drainer.source.PulledBinlog;
import org.tidbbinlog.testkit.capture.Capture;
import org.tidbbinlog.testkit.capture.CaptureReader;

/** Everything between a Pump and a sink, on one thread, over a schema source of the test's. */
final class CaptureTranslation {
  private final SchemaTracker tracker;
  private final Translator translator;

  /** Without filters, from the history. */
  static CaptureTranslation of(SchemaSource source) throws InterruptedException {
    return new CaptureTranslation(source, FilterSettings.DEFAULT, TranslateSettings.DEFAULT);
  }

  /** The same for a Drainer that knows its own writes. */
  static CaptureTranslation of(SchemaSource source, Loopback loopback) throws InterruptedException {
    return new CaptureTranslation(
        source,
        FilterSettings.DEFAULT,
        new TranslateSettings(Set.of(), SinkItem.Execution.EXECUTE, 1 << 20, loopback));
  }

  CaptureTranslation(SchemaSource source, FilterSettings filter, TranslateSettings settings)
      throws InterruptedException {
    this(source, filter, settings, UnknownActions.STOP);
  }

  CaptureTranslation(
      SchemaSource source, FilterSettings filter, TranslateSettings settings, UnknownActions policy)
      throws InterruptedException {
    this(source, filter, settings, policy, Tso.ZERO);
  }

  /**
   * @param checkpoint zero starts from the history, anything else from a snapshot
   */
  CaptureTranslation(
      SchemaSource source,
      FilterSettings filter,
      TranslateSettings settings,
      UnknownActions policy,
      Tso checkpoint)
      throws InterruptedException {
    AtomicLong ticks = new AtomicLong(1);
    TimeSource time = () -> new Tso(ticks.incrementAndGet());
    this.tracker =
        new SchemaStart(source, policy)
            .at(checkpoint, 0, Tso.MAX, SchemaStart.Way.SNAPSHOT_ELSE_HISTORY);
    this.translator =
        new Translator(
            new Translator.Parts(
                tracker,
                new JobLookup(source, time, Clock.system()),
                new UnknownTables(source, time, Clock.system()),
                new BinlogFilter(filter)),
            settings,
            Clock.system());
  }

  SchemaTracker tracker() {
    return tracker;
  }

  Optional<SinkItem> translate(Binlog binlog) throws InterruptedException {
    return translate(binlog.encode());
  }

  Optional<SinkItem> translate(byte[] encoded) throws InterruptedException {
    Payload payload = Payload.of(encoded);
    Binlog binlog = Binlog.decode(payload.buffer());
    return translate(
        new PulledBinlog("p", binlog.startTs(), binlog.commitTs(), payload, new StageTimes()));
  }

  Optional<SinkItem> translate(PulledBinlog pulled) throws InterruptedException {
    return translator.translate(pulled).map(Translation::finish);
  }

  List<SinkItem> translateAll(Capture capture) throws InterruptedException {
    List<SinkItem> items = new ArrayList<>();
    try (CaptureReader binlogs = capture.binlogs()) {
      while (binlogs.hasNext()) {
        translate(binlogs.next()).ifPresent(items::add);
      }
    }
    return items;
  }
}
