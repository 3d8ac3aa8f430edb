package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;

/**
 * Carries records from the value log through the sorter into the order log, and saves how far it
 * came. {@link #step} belongs to one thread, {@code pump-sort-1}; the sorter is shared with the
 * resolver under its own monitor, and nothing waits for disk or network while holding that, except
 * for reading the value log.
 *
 * <p>It reads what was written instead of being handed it: so its memory does not grow when it is
 * behind, and running is the same as recovering. When {@link StoreSettings#backlogEntries} are in
 * memory (a Prewrite at the head blocks everything behind it) it stops sorting, and reads ahead
 * only for what settles the Prewrites it waits for.
 */
final class Indexer {
  private static final int RECORDS_A_STEP = 1024;
  private static final long SAVE_AGAIN_NS = TimeUnit.SECONDS.toNanos(1);
  private static final Logger LOG = LoggerFactory.getLogger(Indexer.class);

  private final ValueLog values;
  private final OrderLog order;
  private final Sorter sorter;
  private final StateKeeper keeper;
  private final StoreSettings settings;
  private final Clock clock;
  private final DamagedStretches damages;
  private final LogTail tail;
  private final LogTail ahead;
  private final BinlogFields fields = new BinlogFields();
  private final List<OrderEntry> batch = new ArrayList<>();
  private final AtomicLong skippedCommits = new AtomicLong();
  private final AtomicLong duplicates = new AtomicLong();
  private final AtomicLong unreadable = new AtomicLong();
  private final List<Long> notices = new ArrayList<>();
  private boolean readingAhead;
  private volatile long maxCommitTs;
  private volatile long readTo;
  private volatile long unmatched;
  private long savedAt;
  private boolean saveFailed;
  private long saveFailedNs;
  private volatile long skippedBytes;

  Indexer(
      ValueLog values,
      OrderLog order,
      Sorter sorter,
      StateKeeper keeper,
      DamagedStretches damages,
      StoreSettings settings,
      Clock clock) {
    this.values = values;
    this.order = order;
    this.sorter = sorter;
    this.keeper = keeper;
    this.settings = settings;
    this.clock = clock;
    this.damages = damages;
    long from = keeper.current().replayFrom();
    this.tail = new LogTail(values, from, values.end(), damages::met);
    this.ahead = new LogTail(values, from, values.end(), LogTail.OnSkip.NOTHING);
    this.maxCommitTs = sorter.maxCommitTs();
    this.readTo = from;
    this.savedAt = from;
  }

  /**
   * One bounded piece of work.
   *
   * @return false when there was nothing to do
   * @throws IOException when a disk failed; nothing is lost, the step may be tried again
   */
  boolean step() throws IOException {
    boolean read = readSome();
    boolean emitted = emit();
    return read || emitted;
  }

  /** Saves what is due; one that failed is tried again a little later, and holds up nobody. */
  void maybeSave() {
    boolean rests = saveFailed && clock.nanoTime() - saveFailedNs < SAVE_AGAIN_NS;
    if (rests || !isSaveDue()) {
      return;
    }
    try {
      save();
      saveFailed = false;
    } catch (IOException e) {
      saveFailed = true;
      saveFailedNs = clock.nanoTime();
      LOG.atError().setCause(e).log("sorting state not saved, trying again");
    }
  }

  /** A new segment is told at once, so that its loss is noticed. */
  private boolean isSaveDue() {
    long unsaved = values.bytesAfter(savedAt) - values.bytesAfter(readTo);
    return unsaved >= settings.checkpointBytes()
        || damages.isUnsaved()
        || LogPointer.segment(readTo) != LogPointer.segment(savedAt)
        || (savedAt == LogPointer.START && readTo != LogPointer.START);
  }

  private boolean readSome() throws IOException {
    synchronized (sorter) {
      int bound = settings.backlogEntries();
      if (readingAhead && !isBlocked(bound - bound / 4)) {
        readingAhead = false;
      } else if (!readingAhead && isBlocked(bound)) {
        readingAhead = true;
        ahead.moveTo(tail.position());
        LOG.atWarn().addKeyValue("entries", sorter.backlog()).log("sorting backlog full");
      }
      boolean read = readingAhead ? peekRecords() : pushRecords();
      readTo = tail.position();
      unmatched = sorter.waiting().size();
      skippedBytes = tail.skippedBytes();
      return read;
    }
  }

  /** With nothing to wait for, sorting on is what empties the backlog. */
  private boolean isBlocked(int bound) {
    return sorter.backlog() >= bound && sorter.waiting().size() > 0;
  }

  private boolean pushRecords() throws IOException {
    int count = 0;
    long now = clock.nanoTime();
    while (count < RECORDS_A_STEP && !isBlocked(settings.backlogEntries()) && tail.next()) {
      count++;
      if (parsed(tail)) {
        int bytes = tail.payload().remaining();
        long prewrite = damages.isEndWanted() ? sorter.prewriteOf(fields) : 0;
        Sorter.Outcome outcome = sorter.push(fields, tail.record(), bytes, now);
        if (Sorter.isOrdered(fields)) {
          damages.ordered(fields, prewrite, outcome == Sorter.Outcome.SKIPPED);
        }
        note(outcome, tail.record());
      }
    }
    return count > 0;
  }

  private boolean peekRecords() throws IOException {
    int count = 0;
    while (count < RECORDS_A_STEP && ahead.next()) {
      count++;
      if (parsed(ahead)) {
        int bytes = ahead.payload().remaining();
        if (sorter.peek(fields, ahead.record(), bytes) == Sorter.Outcome.ROLLBACK_NOTICED) {
          notices.add(fields.startTs());
        }
      }
    }
    return count > 0;
  }

  private boolean parsed(LogTail from) {
    try {
      fields.read(from.payload());
      fields.requireStart();
      return true;
    } catch (InvalidRecordException e) {
      unreadable.incrementAndGet();
      LOG.atError()
          .addKeyValue("at", LogPointer.text(from.record()))
          .addKeyValue("reason", String.valueOf(e.getMessage()))
          .log("stored record is no Binlog, skipped");
      return false;
    }
  }

  private void note(Sorter.Outcome outcome, long record) {
    switch (outcome) {
      case DUPLICATE -> duplicates.incrementAndGet();
      case ROLLBACK_NOTICED -> notices.add(fields.startTs());
      case SKIPPED -> {
        skippedCommits.incrementAndGet();
        LOG.atDebug()
            .addKeyValue("startTs", Long.toUnsignedString(fields.startTs()))
            .addKeyValue("commitTs", Long.toUnsignedString(fields.commitTs()))
            .addKeyValue("at", LogPointer.text(record))
            .log("commit without prewrite skipped");
      }
      case WAITS, MATCHED, FAKE, IGNORED -> {}
    }
  }

  /** Appends what became final; a batch that failed is tried again before anything else. */
  private boolean emit() throws IOException {
    long reached = take();
    if (!batch.isEmpty()) {
      order.append(batch);
    }
    boolean advanced = Long.compareUnsigned(reached, maxCommitTs) > 0;
    if (advanced) {
      maxCommitTs = reached;
    }
    return advanced;
  }

  private long take() {
    synchronized (sorter) {
      long last = order.lastTs();
      if (!batch.isEmpty()) {
        last = batch.get(batch.size() - 1).commitTs();
      }
      while (batch.size() < RECORDS_A_STEP && sorter.hasNext()) {
        OrderEntry entry = sorter.next();
        if (Long.compareUnsigned(entry.commitTs(), last) > 0) {
          last = entry.commitTs();
          batch.add(entry);
          NeededUntil.note(values, entry);
        } else {
          duplicates.incrementAndGet();
        }
      }
      return sorter.hasNext() ? last : sorter.maxCommitTs();
    }
  }

  /** Makes the sorter's place durable, with everything it rests on. */
  void save() throws IOException {
    StoreState state;
    synchronized (sorter) {
      damages.forget(keeper.gcTs(), values.segmentFrom(0).map(ValueSegment::id).orElse(0));
      long verifiedTo = values.end();
      state =
          new StoreState(
              0,
              maxCommitTs,
              replayFrom(),
              verifiedTo,
              values.segment(LogPointer.segment(verifiedTo)).map(ValueSegment::maxTs).orElse(0L),
              order.orderId(),
              order.first(),
              order.end(),
              0,
              damages.all(),
              List.of());
    }
    if (settings.syncLog() == StoreSettings.SyncLog.OFF) {
      // Else the writer has forced it, and must be the one who hears when a force fails.
      values.forceActive();
    }
    order.force();
    keeper.saveProgress(state);
    damages.saved();
    savedAt = readTo;
  }

  /** What was taken from the sorter and did not reach the order log is in neither of them. */
  private long replayFrom() {
    long from = sorter.replayFrom(tail.position());
    for (OrderEntry entry : batch) {
      from = Math.min(from, entry.prewritePointer());
    }
    return from;
  }

  boolean hasNotices() {
    synchronized (sorter) {
      return !notices.isEmpty();
    }
  }

  /** Start timestamps with a rollback notice since the last call. */
  List<Long> takeNotices() {
    synchronized (sorter) {
      List<Long> taken = List.copyOf(notices);
      notices.clear();
      return taken;
    }
  }

  long maxCommitTs() {
    return maxCommitTs;
  }

  /** Pointer up to which records were sorted. */
  long readTo() {
    return readTo;
  }

  long unmatched() {
    return unmatched;
  }

  long skippedCommits() {
    return skippedCommits.get();
  }

  long duplicates() {
    return duplicates.get();
  }

  long skippedBytes() {
    return skippedBytes;
  }
}
