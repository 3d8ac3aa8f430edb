package org.tidbbinlog.pump.server;

import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.tidbbinlog.pump.storage.DiskSpace;

/**
 * Stops writes while the disk is nearly full and lets them go on by itself. Measured by a loop,
 * asked by every write. Source: pump section 9.
 */
final class SpaceWatch {
  private static final Logger LOG = LoggerFactory.getLogger(SpaceWatch.class);
  private final Supplier<DiskSpace> disk;
  private final long stopAtBytes;
  private final PumpMetrics metrics;
  private volatile long availableBytes;

  /** Measures once at once. */
  SpaceWatch(Supplier<DiskSpace> disk, long stopAtBytes, PumpMetrics metrics) {
    this.disk = disk;
    this.stopAtBytes = stopAtBytes;
    this.metrics = metrics;
    measure();
  }

  void measure() {
    DiskSpace space = disk.get();
    availableBytes = space.availableBytes();
    metrics.space(space);
    if (isLow()) {
      LOG.atWarn()
          .addKeyValue("available", availableBytes)
          .addKeyValue("StopWriteAtAvailableSpace", stopAtBytes)
          .log("available disk space is too small, writes are refused until there is more");
    }
  }

  void requireEnough() {
    requireEnoughFor(0);
  }

  /** Also when no more than so many bytes are missing to the stop. */
  void requireEnoughFor(long bytes) {
    if (availableBytes - bytes <= stopAtBytes) {
      throw new WriteRefusedException(
          "no available space, available: "
              + availableBytes
              + ", StopWriteAtAvailableSpace: "
              + stopAtBytes
              + (bytes == 0 ? "" : ", bytes of the binlog: " + bytes),
          Level.ERROR);
    }
  }

  /** As measured last. */
  long availableBytes() {
    return availableBytes;
  }

  boolean isLow() {
    return availableBytes <= stopAtBytes;
  }
}
