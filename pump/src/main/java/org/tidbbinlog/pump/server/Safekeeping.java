package org.tidbbinlog.pump.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.node.metrics.Metrics;
import org.tidbbinlog.pump.storage.BinlogStore;
import org.tidbbinlog.pump.storage.Damage;
import org.tidbbinlog.pump.storage.DamagedStretch;
import org.tidbbinlog.pump.storage.GapPolicy;
import org.tidbbinlog.pump.storage.ProofStatus;
import org.tidbbinlog.pump.storage.ScrubReport;

/**
 * What a Pump does so that nothing is lost or hidden, and what it says about that in {@code
 * /status} and metrics: gaps (I9), retention (I8), scrubbing, the continuity proof.
 */
final class Safekeeping implements AutoCloseable {
  private static final Duration SAMPLE = Duration.ofSeconds(10);

  private final BinlogStore store;
  private final Clock clock;
  private final PullGaps gaps;
  private final GarbageSchedule garbage;
  private final DiskForecast forecast;
  private final ScrubSchedule scrub;
  private final List<Loop> loops = new ArrayList<>();

  /**
   * The keys an operator may set.
   *
   * @param withoutHeader what a reader below the retained data gets that does not know of gaps
   * @param maxBytes of value log that are kept; zero = no bound
   * @param scrubBytesPerSecond zero = no scrubbing
   */
  record Settings(
      GapPolicy withoutHeader, long maxBytes, long scrubBytesPerSecond, Duration scrubInterval) {}

  Safekeeping(
      PumpSettings settings,
      BinlogStore store,
      NodeRegistry registry,
      Metrics metrics,
      Clock clock) {
    Settings own = settings.safety();
    this.store = store;
    this.clock = clock;
    this.gaps = new PullGaps(own.withoutHeader(), metrics, clock);
    this.garbage =
        new GarbageSchedule(
            store, registry, clock, settings.keep(), settings.gcHardCap(), own.maxBytes());
    this.forecast = new DiskForecast(settings.stopWriteAtBytes());
    this.scrub = new ScrubSchedule(store, clock, own.scrubInterval(), own.scrubBytesPerSecond());
    measures(metrics);
  }

  private void measures(Metrics metrics) {
    String prefix = "binlog_pump_storage_";
    metrics.gauge(
        prefix + "damaged_places",
        "Places in the value log that scrubbing found not as they were written.",
        () -> store.scrubReport().damaged());
    metrics.gauge(
        prefix + "lost_stretches",
        "Damages of acknowledged binlogs that sorting met; pulls across them are refused.",
        () -> lost());
    metrics.gauge(
        prefix + "corrupt_bytes",
        "Bytes of the value log that recovery or sorting stepped over since the start.",
        () -> store.stats().corruptBytes());
    metrics.gauge(
        prefix + "commits_without_prewrite",
        "Commits without a Prewrite in this Pump since the start.",
        () -> store.stats().skippedCommits());
    metrics.gauge(
        prefix + "scrub_passes",
        "How often all finished files were scrubbed since the start.",
        () -> store.scrubReport().passes());
    metrics.gauge(
        prefix + "scrubbed_bytes",
        "Bytes that scrubbing read since the start.",
        () -> store.scrubReport().bytes());
    metrics.gauge(
        prefix + "seconds_until_full",
        "Until the disk is full at the rate of the last ten minutes; -1 while nothing is written.",
        () -> forecast.untilFull().map(left -> (double) left.toSeconds()).orElse(-1.0));
  }

  PullGaps gaps() {
    return gaps;
  }

  GarbageSchedule garbage() {
    return garbage;
  }

  /** Starts the loops; {@code collect} asks for a garbage collection now. */
  void start(Runnable collect) {
    sample();
    loops.add(Loop.every("forecast", SAMPLE, clock, () -> watch(collect)));
    if (scrub.isOn()) {
      loops.add(Loop.every("scrub", scrub.lookEvery(), clock, scrub::maybeScrub));
    }
  }

  private void watch(Runnable collect) {
    sample();
    if (garbage.isDueBySize()) {
      collect.run();
    }
  }

  private void sample() {
    forecast.sample(
        clock.nanoTime(), store.stats().appendedBytes(), store.diskSpace().availableBytes());
  }

  // --- status --------------------------------------------------------------------------------

  /** Adds to what {@code /status} says of this Pump. */
  void describe(ObjectNode own) {
    own.set("gaps", gaps.json().set("damages", damages()));
    own.set("retention", retention());
    own.set("scrub", scrubbing());
    own.set("proof", proof());
  }

  private long lost() {
    return store.damages().stream()
        .filter(damage -> damage.kind() == DamagedStretch.Kind.LOST)
        .count();
  }

  private ArrayNode damages() {
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    for (DamagedStretch damage : store.damages()) {
      if (damage.kind() == DamagedStretch.Kind.LOST) {
        json.addObject()
            .put("file", damage.file())
            .put("offset", damage.offset())
            .put("bytes", damage.bytes())
            .put("afterTS", damage.after().value())
            .put("upToTS", damage.upTo().value());
      }
    }
    return json;
  }

  private ObjectNode retention() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("gcTS", store.gcTs().value());
    try {
      RetentionPlan plan = garbage.plan();
      json.put("storedBytes", plan.storedBytes());
      json.put("wantedTS", plan.wanted().value());
      json.put("targetTS", plan.target().value());
      json.put("heldBack", plan.isHeldBack());
      json.put("heldBy", plan.heldBy());
      ArrayNode drainers = json.putArray("drainers");
      for (RetentionPlan.Holder holder : plan.drainers()) {
        drainers
            .addObject()
            .put("nodeId", holder.nodeId())
            .put("state", holder.state())
            .put("checkpointTS", holder.checkpoint().value())
            .put("heldBytes", holder.heldBytes());
      }
    } catch (RetryableException e) {
      json.put("error", String.valueOf(e.getMessage()));
    }
    json.put("availableBytes", forecast.availableBytes());
    json.put("writtenBytesPerSecond", Math.round(forecast.bytesPerSecond()));
    forecast
        .untilFull()
        .ifPresentOrElse(
            left -> {
              json.put("fullInSeconds", left.toSeconds());
              json.put("fullAt", clock.now().plus(left).toString());
            },
            () -> json.putNull("fullInSeconds"));
    return json;
  }

  private ObjectNode scrubbing() {
    ScrubReport report = store.scrubReport();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("on", scrub.isOn());
    json.put("lastPass", report.lastPass().map(Object::toString).orElse("never"));
    json.put("passes", report.passes());
    json.put("recordsOfLastPass", report.records());
    json.put("readBytes", report.bytes());
    json.put("reading", report.reading());
    json.put("damaged", report.damaged());
    ArrayNode damages = json.putArray("damages");
    for (Damage damage : report.damages()) {
      damages
          .addObject()
          .put("file", damage.file())
          .put("offset", damage.offset())
          .put("bytes", damage.bytes())
          .put("what", damage.what())
          .put("beforeTS", damage.before().value())
          .put("afterTS", damage.after().value());
    }
    return json;
  }

  private ObjectNode proof() {
    ProofStatus proof = store.proof();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("segment", proof.segment());
    json.put("provedTo", proof.provedTo());
    json.put("chain", proof.chain());
    proof.putAside().forEach(json.putArray("damaged")::add);
    return json;
  }

  @Override
  public void close() {
    loops.forEach(Loop::close);
  }
}
