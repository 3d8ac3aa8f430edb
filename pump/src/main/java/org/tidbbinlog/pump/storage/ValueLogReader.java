package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Reads a data directory's value log offline, changing nothing: ours or an original Pump's. Raw
 * records, in log order, as they were acknowledged; what is damaged is stepped over and counted.
 *
 * <p>Source: pump section 5.
 */
public final class ValueLogReader {
  private final Disk disk;
  private final List<String> files;
  private int nextFile;
  private Optional<Disk.DiskFile> open = Optional.empty();
  private Optional<SegmentScan> scan = Optional.empty();
  private String name = "";
  private long skippedBytes;
  private long tailBytes;
  private int finishedSegments;

  private ValueLogReader(Disk disk) throws IOException {
    this.disk = disk;
    List<String> segments = new ArrayList<>();
    for (String file : disk.list(ValueSegment.FOLDER)) {
      if (file.endsWith(".vlog")) {
        segments.add(ValueSegment.FOLDER + "/" + file);
      }
    }
    this.files = List.copyOf(segments);
  }

  /** {@code dataDir} is what a Pump's {@code -data-dir} says. */
  public static ValueLogReader open(Path dataDir) throws IOException {
    return new ValueLogReader(new FileChannelDisk(dataDir));
  }

  /** As above, on any disk. */
  public static ValueLogReader open(Disk disk) throws IOException {
    return new ValueLogReader(disk);
  }

  /** The next record, its payload good until the next call; empty at the end of the log. */
  public Optional<StoredRecord> next() throws IOException {
    while (true) {
      if (scan.isPresent()) {
        SegmentScan current = scan.get();
        if (current.next()) {
          return Optional.of(new StoredRecord(name, current.offset(), current.payload()));
        }
        long unread = current.position() - current.lastValidEnd();
        tailBytes = nextFile == files.size() ? unread : 0;
        skippedBytes += current.skippedBytes() - tailBytes;
        open.orElseThrow().close();
        scan = Optional.empty();
      }
      if (nextFile == files.size()) {
        return Optional.empty();
      }
      openNext();
    }
  }

  private void openNext() throws IOException {
    name = files.get(nextFile);
    Disk.DiskFile file = disk.openExisting(name);
    long size = file.size();
    long end = size;
    if (Frame.readFooter(file, size).isPresent()) {
      end -= Frame.FOOTER_BYTES;
      finishedSegments++;
    }
    open = Optional.of(file);
    scan = Optional.of(new SegmentScan(nextFile, file, 0, end, SegmentScan.Check.CRC));
    nextFile++;
  }

  /** Names of the segments, in order. */
  public Iterator<String> segments() {
    return files.iterator();
  }

  /** Bytes of the files read so far that belong to no record. */
  public long skippedBytes() {
    return skippedBytes;
  }

  /** Behind the last record of the log: being written just now, or torn off by a crash. */
  public long tailBytes() {
    return tailBytes;
  }

  /** Segments with a footer among those read so far. */
  public int finishedSegments() {
    return finishedSegments;
  }
}
