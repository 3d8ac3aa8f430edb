package org.tidbbinlog.tools.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a process on this machine has used so far, as the kernel counts it.
 *
 * @param cpu user and system time of all threads
 * @param residentBytes RSS now; pages of mapped files in memory are in it
 * @param peakBytes the largest RSS ever
 */
public record ProcessUse(Duration cpu, long residentBytes, long peakBytes) {
  /** Empty when the process cannot be seen from here. */
  public static Optional<ProcessUse> of(long pid) {
    Optional<Duration> cpu = ProcessHandle.of(pid).flatMap(p -> p.info().totalCpuDuration());
    return cpu.map(used -> new ProcessUse(used, status(pid, "VmRSS:"), status(pid, "VmHWM:")));
  }

  /** CPU time since an earlier look; empty when the process cannot be seen. */
  public static Optional<Duration> cpuSince(Optional<ProcessUse> before, long pid) {
    return before.flatMap(then -> of(pid).map(now -> now.cpu.minus(then.cpu)));
  }

  /** A line of {@code /proc/PID/status} in bytes; 0 where there is none. */
  private static long status(long pid, String name) {
    try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
      return lines
          .filter(line -> line.startsWith(name))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException notLinux) {
      return 0;
    }
  }
}
