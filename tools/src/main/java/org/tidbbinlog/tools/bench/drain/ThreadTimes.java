package org.tidbbinlog.tools.bench.drain;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * CPU ticks of a process's threads by what they do, told by the names that the kernel keeps (15
 * characters). Threads that have ended are in "ended".
 */
final class ThreadTimes {
  /** First match counts. */
  private static final Map<String, String> WORK =
      Map.ofEntries(
          Map.entry("drainer-transla", "translate"),
          Map.entry("drainer-decode-", "decode"),
          Map.entry("drainer-submit-", "dispatch"),
          Map.entry("sinks-mysql-wor", "apply"),
          Map.entry("grpc-", "receive"),
          Map.entry("C1 ", "jit"),
          Map.entry("C2 ", "jit"),
          Map.entry("GC Thread", "gc"),
          Map.entry("G1 ", "gc"),
          Map.entry("Z", "gc"),
          Map.entry("VM Thread", "gc"),
          Map.entry("main", "start"),
          Map.entry("java", "start"));

  private ThreadTimes() {}

  /** Shares of all CPU time so far, by work; empty where the kernel does not tell. */
  static Map<String, Double> shares(long pid) {
    Path proc = Path.of("/proc", Long.toString(pid));
    Map<String, Long> ticks = new TreeMap<>();
    long all;
    try (Stream<Path> tasks = Files.list(proc.resolve("task"))) {
      tasks.forEach(task -> add(task, ticks));
      all = ticks(Files.readString(proc.resolve("stat")));
    } catch (IOException | UncheckedIOException notThere) {
      return Map.of();
    }
    long seen = ticks.values().stream().mapToLong(Long::longValue).sum();
    ticks.put("ended", Math.max(0, all - seen));
    Map<String, Double> shares = new TreeMap<>();
    ticks.forEach((work, spent) -> shares.put(work, spent / (double) Math.max(1, all)));
    return shares;
  }

  private static void add(Path task, Map<String, Long> ticks) {
    try {
      String name = Files.readString(task.resolve("comm")).strip();
      String work =
          WORK.entrySet().stream()
              .filter(entry -> name.startsWith(entry.getKey()))
              .map(Map.Entry::getValue)
              .findFirst()
              .orElse("other");
      ticks.merge(work, ticks(Files.readString(task.resolve("stat"))), Long::sum);
    } catch (IOException ended) {
      // Its time is in the process's.
    }
  }

  /** User and system time; the name before may hold anything. */
  private static long ticks(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }
}
