package org.tidbbinlog.tools.bench.drain;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.tidbbinlog.tools.compare.ComparisonReport;

/**
 * What {@code bench drainer} found, for people and for programs.
 *
 * @param drains in the order they ran
 */
record DrainReport(
    String name,
    String target,
    int workers,
    int txnBatch,
    Load load,
    List<Drain.Result> drains,
    List<Ceiling.Result> ceilings) {
  static final String OURS = "ours";
  static final String ORIGINAL = "original";
  private static final double MB = 1e6;

  DrainReport {
    drains = List.copyOf(drains);
    ceilings = List.copyOf(ceilings);
  }

  /** Whether every target was as it must be, as far as the capture says. */
  boolean isEqual() {
    return drains.stream().allMatch(one -> isEqual(one.compared()))
        && ceilings.stream().allMatch(one -> isEqual(one.compared()));
  }

  private static boolean isEqual(Optional<ComparisonReport> compared) {
    return compared.map(ComparisonReport::isEqual).orElse(true);
  }

  String text() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "load      %s: %,d transactions, %,d row changes, %,d DDL, %.1f MB"
            .formatted(name, load.transactions(), load.rows(), load.ddl(), load.bytes() / MB));
    lines.add("target    %s; %d workers, batch %d".formatted(target, workers, txnBatch));
    drains.forEach(drain -> addDrain(drain, lines));
    for (Ceiling.Result ceiling : ceilings) {
      lines.add(
          "ceiling   %.2f s for %,d target transactions, %.1f MB of SQL; %,.0f rows/s%s; %s"
              .formatted(
                  ceiling.seconds(),
                  ceiling.targetTransactions(),
                  ceiling.statementBytes() / MB,
                  load.rows() / ceiling.seconds(),
                  cpu(", target CPU %.1f s", ceiling.targetCpu()),
                  said(ceiling.compared())));
    }
    ratios().forEach((what, ratio) -> lines.add("ratio     %s: %.2f".formatted(what, ratio)));
    return String.join(System.lineSeparator(), lines);
  }

  private void addDrain(Drain.Result drain, List<String> lines) {
    lines.add(
        "%-9s %.2f s from process start to the last row: %.2f s to the first pull, %.2f s from there"
            .formatted(drain.who(), drain.seconds(), drain.startSeconds(), drain.drainSeconds()));
    lines.add(
        "          %,.0f transactions/s, %,.0f rows/s from the first pull; %s"
            .formatted(
                load.transactions() / drain.drainSeconds(),
                load.rows() / drain.drainSeconds(),
                said(drain.compared())));
    lines.add(
        "          CPU %.1f s%s; peak memory %.0f MB"
            .formatted(
                drain.use().cpu().toMillis() / 1e3,
                cpu(", target %.1f s", drain.targetCpu()),
                drain.use().peakBytes() / MB));
    lines.add("          CPU by thread: " + shares(drain.work()));
    drain
        .stages()
        .ifPresent(
            stages -> {
              lines.add("          way of a transaction: " + shares(stages.time()));
              lines.add(
                  "          %,d target transactions of %.1f ms; workers waited for the target %.0f %%"
                      .formatted(
                          stages.targetTransactions(),
                          stages.targetSeconds() * 1e3 / Math.max(1, stages.targetTransactions()),
                          100 * busy(drain, stages)));
            });
  }

  /** Share of the drain that the average worker waited for an answer of the target. */
  private double busy(Drain.Result drain, StageShares stages) {
    return stages.targetSeconds() / workers / drain.drainSeconds();
  }

  private static String said(Optional<ComparisonReport> compared) {
    return compared
        .map(
            report ->
                report.isEqual()
                    ? "target equal (%,d rows)".formatted(report.rows())
                    : "target DIFFERENT: " + report.differences().get(0))
        .orElse("target not compared");
  }

  private static String cpu(String format, Optional<Duration> cpu) {
    return cpu.map(spent -> format.formatted(spent.toMillis() / 1e3)).orElse("");
  }

  private static String shares(Map<String, Double> shares) {
    return shares.entrySet().stream()
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .filter(entry -> entry.getValue() >= 0.005)
        .map(entry -> "%s %.0f %%".formatted(entry.getKey(), 100 * entry.getValue()))
        .reduce((one, other) -> one + ", " + other)
        .orElse("not known");
  }

  /** Of the medians, in one run. */
  private Map<String, Double> ratios() {
    Map<String, Double> ratios = new java.util.LinkedHashMap<>();
    double ours = median(secondsOf(OURS));
    double original = median(secondsOf(ORIGINAL));
    double drain =
        median(
            drains.stream()
                .filter(one -> one.who().equals(OURS))
                .map(Drain.Result::drainSeconds)
                .toList());
    double ceiling = median(ceilings.stream().map(Ceiling.Result::seconds).toList());
    if (original > 0) {
      ratios.put("ours to original, from process start", ours / original);
    }
    if (ceiling > 0) {
      ratios.put("ceiling to ours, from the first pull", ceiling / drain);
    }
    return ratios;
  }

  private List<Double> secondsOf(String who) {
    return drains.stream().filter(one -> one.who().equals(who)).map(Drain.Result::seconds).toList();
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.isEmpty() ? 0 : sorted.get(sorted.size() / 2);
  }

  String json() {
    ObjectNode root = new ObjectMapper().createObjectNode();
    root.put("load", name).put("target", target).put("workers", workers);
    root.put("txn_batch", txnBatch).put("transactions", load.transactions());
    root.put("rows", load.rows()).put("ddl", load.ddl()).put("bytes", load.bytes());
    var runs = root.putArray("drains");
    drains.forEach(drain -> put(runs.addObject(), drain));
    var limits = root.putArray("ceilings");
    for (Ceiling.Result ceiling : ceilings) {
      ObjectNode node = limits.addObject();
      node.put("seconds", round(ceiling.seconds()));
      node.put("target_transactions", ceiling.targetTransactions());
      node.put("statement_bytes", ceiling.statementBytes());
      ceiling.targetCpu().ifPresent(cpu -> node.put("target_cpu_seconds", cpu.toMillis() / 1e3));
      node.put("equal", isEqual(ceiling.compared()));
    }
    ratios().forEach((what, ratio) -> root.put(what.replaceAll("[^a-z]+", "_"), round(ratio)));
    try {
      return new ObjectMapper().writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private void put(ObjectNode node, Drain.Result drain) {
    node.put("who", drain.who()).put("seconds", round(drain.seconds()));
    node.put("start_seconds", round(drain.startSeconds()));
    node.put("drain_seconds", round(drain.drainSeconds()));
    node.put("transactions_per_second", round(load.transactions() / drain.drainSeconds()));
    node.put("rows_per_second", round(load.rows() / drain.drainSeconds()));
    node.put("cpu_seconds", drain.use().cpu().toMillis() / 1e3);
    drain.targetCpu().ifPresent(cpu -> node.put("target_cpu_seconds", cpu.toMillis() / 1e3));
    node.put("rss_peak_mb", round(drain.use().peakBytes() / MB));
    put(node.putObject("cpu_shares"), drain.work());
    drain
        .stages()
        .ifPresent(
            stages -> {
              put(node.putObject("stage_shares"), stages.time());
              node.put("target_transactions", stages.targetTransactions());
              node.put("workers_waiting_for_target", round(busy(drain, stages)));
            });
    drain.compared().ifPresent(report -> node.put("equal", report.isEqual()));
  }

  private static void put(ObjectNode node, Map<String, Double> shares) {
    shares.entrySet().stream()
        .sorted(Map.Entry.comparingByKey(String::compareTo))
        .forEach(
            entry -> node.put(entry.getKey().toLowerCase(Locale.ROOT), round(entry.getValue())));
  }

  private static double round(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
