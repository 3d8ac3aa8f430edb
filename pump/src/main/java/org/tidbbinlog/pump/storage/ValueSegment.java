package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * One file of the value log. Written by the writer's thread only; read by all. A finished segment
 * ends with a {@link Frame} footer and never changes again.
 */
final class ValueSegment {
  static final String FOLDER = "value";

  private final int id;
  private final String name;
  private final Disk.DiskFile file;
  private volatile long end;
  private volatile long maxTs;
  private volatile boolean finished;
  private volatile long neededUntil;

  ValueSegment(int id, Disk.DiskFile file) {
    this.id = id;
    this.name = fileName(id);
    this.file = file;
  }

  static String fileName(int id) {
    return String.format(Locale.ROOT, FOLDER + "/%06d.vlog", id);
  }

  int id() {
    return id;
  }

  String name() {
    return name;
  }

  Disk.DiskFile file() {
    return file;
  }

  /** End of the records that may be read: all of it acknowledged or about to be. */
  long end() {
    return end;
  }

  /** Largest timestamp of a record (start for Prewrites, commit for others), unsigned. */
  long maxTs() {
    return maxTs;
  }

  boolean isFinished() {
    return finished;
  }

  void extend(long newEnd, long newMaxTs) {
    maxTs = newMaxTs;
    end = newEnd;
  }

  /** Largest commit timestamp of a delivered transaction whose Prewrite is here, unsigned. */
  long neededUntil() {
    return neededUntil;
  }

  /** Indexer and recovery only. */
  void need(long commitTs) {
    if (Long.compareUnsigned(commitTs, neededUntil) > 0) {
      neededUntil = commitTs;
    }
  }

  void finish() {
    finished = true;
  }

  /** Tells this file from another of the same name: CRC of its first record's header. */
  int fingerprint() throws IOException {
    ByteBuffer head = ByteBuffer.allocate(Frame.HEADER_BYTES);
    file.read(head, 0);
    return Frame.crc(head.flip());
  }
}
