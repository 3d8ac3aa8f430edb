package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;

/**
 * Group commit: all records that wait are written together, forced once, and only then acknowledged
 * (I2). {@link #writeGroup} belongs to one thread, {@code pump-write-1}.
 *
 * <p>When the disk fails, every record of the group fails and the segment is cut back to the last
 * acknowledged byte before anything else is written; until that works every group fails. So a disk
 * that was full is used again as soon as it takes writes.
 */
final class LogWriter {
  private static final int STAGING_BYTES = 1 << 20;
  private static final int STAGE_BELOW_BYTES = 128 << 10;
  private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);

  private final ValueLog log;
  private final AppendQueue queue;
  private final StoreSettings settings;
  private final StoreObserver observer;
  private final Clock clock;
  private final Runnable onPublished;
  private final ByteBuffer staging = ByteBuffer.allocateDirect(STAGING_BYTES);
  private final LongAdder records = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder groups = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private boolean needsRepair;
  private int writesTo = -1;
  private List<AppendRequest> inFlight = List.of();

  LogWriter(
      ValueLog log,
      AppendQueue queue,
      StoreSettings settings,
      StoreObserver observer,
      Clock clock,
      Runnable onPublished) {
    this.log = log;
    this.queue = queue;
    this.settings = settings;
    this.observer = observer;
    this.clock = clock;
    this.onPublished = onPublished;
  }

  /** Writes what waits as one group; false when nothing did. */
  boolean writeGroup() {
    List<AppendRequest> group = queue.takeGroup(Math.min(settings.groupBytes(), log.roomBytes()));
    if (group.isEmpty()) {
      return false;
    }
    inFlight = group;
    String file = "value log";
    try {
      ValueSegment segment = segment();
      file = segment.name();
      repair(segment);
      needsRepair = true;
      write(segment, group);
      needsRepair = false;
    } catch (IOException | RuntimeException e) {
      maybeCutBack();
      inFlight = List.of();
      fail(group, new StoreWriteException(file, e));
      return true;
    } finally {
      queue.release(group);
    }
    inFlight = List.of();
    onPublished.run();
    for (AppendRequest request : group) {
      tell(() -> request.done().durable());
    }
    return true;
  }

  /** After an error that passed {@link #writeGroup}: its group is answered, and cut off later. */
  void giveUpGroup(Throwable cause) {
    List<AppendRequest> group = inFlight;
    inFlight = List.of();
    if (!group.isEmpty()) {
      fail(group, new StoreWriteException("value log", cause));
    }
  }

  /** What waits is not written any more. */
  void refuseQueued() {
    List<AppendRequest> refused = queue.takeGroup(Long.MAX_VALUE);
    queue.release(refused);
    StoreClosedException closed = new StoreClosedException();
    refused.forEach(request -> tell(() -> request.done().failed(closed)));
  }

  private ValueSegment segment() throws IOException {
    long started = clock.nanoTime();
    ValueSegment segment = log.requireRoom();
    if (writesTo >= 0 && segment.id() != writesTo) {
      observer.segmentRotated(clock.nanoTime() - started);
    }
    writesTo = segment.id();
    return segment;
  }

  /** A callback that throws must not take the answers of the others with it. */
  private static void tell(Runnable callback) {
    try {
      callback.run();
    } catch (RuntimeException | Error e) {
      // gRPC throws an OutOfMemoryError of its own when direct memory is at its bound.
      LOG.atError().setCause(e).log("append callback failed");
    }
  }

  /**
   * Where a force failed the kernel may go on showing bytes that the disk will never have: no later
   * process may take them for records.
   */
  private void maybeCutBack() {
    try {
      if (needsRepair) {
        log.cutBack();
      }
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("reason", String.valueOf(e.getMessage()))
          .log("failed group not cut off yet");
    }
  }

  /** Also forces: pages that failed to reach the disk may only now be known to be lost. */
  private void repair(ValueSegment segment) throws IOException {
    if (needsRepair) {
      segment.file().truncate(segment.end());
      segment.file().force();
    }
  }

  private void write(ValueSegment segment, List<AppendRequest> group) throws IOException {
    long started = clock.nanoTime();
    long offset = segment.end();
    long maxTs = segment.maxTs();
    staging.clear();
    for (AppendRequest request : group) {
      offset = stage(segment, offset, request.payload());
      maxTs = Long.compareUnsigned(request.ts(), maxTs) > 0 ? request.ts() : maxTs;
    }
    offset = flush(segment, offset);
    long written = clock.nanoTime();
    if (settings.syncLog() == StoreSettings.SyncLog.ON) {
      segment.file().force();
    }
    long forced = clock.nanoTime();
    long groupBytes = offset - segment.end();
    log.publish(segment, offset, maxTs);
    count(group.size(), groupBytes, written - started, forced - written);
  }

  /** Returns where the staging buffer will be written. */
  private long stage(ValueSegment segment, long offset, ByteBuffer source) throws IOException {
    ByteBuffer payload = source.duplicate();
    long at = offset;
    if (staging.remaining() < Frame.HEADER_BYTES) {
      at = flush(segment, at);
    }
    Frame.putHeader(staging, payload.remaining(), Frame.crc(payload));
    if (payload.isDirect() && payload.remaining() >= STAGE_BELOW_BYTES) {
      at = flush(segment, at);
      int length = payload.remaining();
      segment.file().write(payload, at);
      return at + length;
    }
    while (payload.hasRemaining()) {
      if (!staging.hasRemaining()) {
        at = flush(segment, at);
      }
      int count = Math.min(staging.remaining(), payload.remaining());
      staging.put(payload.slice(payload.position(), count));
      payload.position(payload.position() + count);
    }
    return at;
  }

  private long flush(ValueSegment segment, long offset) throws IOException {
    staging.flip();
    int length = staging.remaining();
    segment.file().write(staging, offset);
    staging.clear();
    return offset + length;
  }

  private void count(int groupRecords, long groupBytes, long writeNs, long forceNs) {
    records.add(groupRecords);
    bytes.add(groupBytes);
    groups.increment();
    observer.groupWritten(groupRecords, groupBytes, writeNs, forceNs);
    if (writeNs + forceNs > settings.slowWrite().toNanos()) {
      LOG.atWarn()
          .addKeyValue("records", groupRecords)
          .addKeyValue("bytes", groupBytes)
          .addKeyValue("write", Duration.ofNanos(writeNs))
          .addKeyValue("force", Duration.ofNanos(forceNs))
          .log("group write slow");
    }
  }

  private void fail(List<AppendRequest> group, StoreWriteException cause) {
    for (AppendRequest request : group) {
      tell(() -> request.done().failed(cause));
    }
    failed.add(group.size());
    observer.writeFailed(group.size());
    LOG.atError()
        .addKeyValue("records", group.size())
        .addKeyValue("reason", String.valueOf(cause.getMessage()))
        .log("group write failed");
  }

  long records() {
    return records.sum();
  }

  long bytes() {
    return bytes.sum();
  }

  long groups() {
    return groups.sum();
  }

  long failed() {
    return failed.sum();
  }
}
