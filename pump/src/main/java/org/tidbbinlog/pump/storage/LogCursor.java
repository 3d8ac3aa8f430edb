package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.tidbbinlog.base.Tso;

/** One pull: reads the order log onward and fetches what its entries point to. */
final class LogCursor implements PullCursor {
  private static final int WINDOWS = 4;
  private static final int WINDOW_BYTES = 128 << 10;
  private static final int ENTRIES_AT_ONCE = 512;

  private final ValueLog values;
  private final OrderLog order;
  private final LongSupplier gcTs;
  private final DamagedStretches damages;
  private final Wakeups wakeups;
  private final BooleanSupplier storeClosed;
  private final GapPolicy gapPolicy;
  private final ReadWindow[] windows = new ReadWindow[WINDOWS];
  private final ByteBuffer entries = ByteBuffer.allocate(ENTRIES_AT_ONCE * OrderEntry.BYTES);
  private final BinlogFields prewrite = new BinlogFields();
  private final BinlogFields commit = new BinlogFields();
  private final AtomicBoolean armed = new AtomicBoolean();
  private final Runnable signal = this::wakeIfArmed;
  private volatile Runnable wake = () -> {};
  private volatile boolean closed;
  private volatile long index;
  private int nextWindow;
  private int pinned;
  private int entryAt;
  private long position;
  private long skippedGaps;
  private long skippedTo;
  private final Set<Long> passed = new HashSet<>();

  LogCursor(
      ValueLog values,
      OrderLog order,
      LongSupplier gcTs,
      DamagedStretches damages,
      Wakeups wakeups,
      BooleanSupplier storeClosed,
      Tso fromExclusive,
      GapPolicy gapPolicy)
      throws IOException {
    this.values = values;
    this.order = order;
    this.gcTs = gcTs;
    this.damages = damages;
    this.wakeups = wakeups;
    this.storeClosed = storeClosed;
    this.gapPolicy = gapPolicy;
    this.position = fromExclusive.value();
    entries.limit(0);
    for (int i = 0; i < WINDOWS; i++) {
      windows[i] = new ReadWindow(WINDOW_BYTES);
    }
    if (Long.compareUnsigned(position, gcTs.getAsLong()) < 0) {
      skipGap();
    } else {
      index = order.indexAfter(position);
    }
    wakeups.add(signal);
  }

  /** The data from {@link #position} on is gone. */
  private void skipGap() throws IOException {
    long to = gcTs.getAsLong();
    if (gapPolicy == GapPolicy.REFUSE) {
      throw new PullGapException(new Tso(position), new Tso(to));
    }
    skippedGaps++;
    skippedTo = to;
    position = to;
    index = order.indexAfter(to);
    entries.limit(0);
    entryAt = 0;
  }

  @Override
  public Optional<PullRecord> tryNext() {
    while (true) {
      if (closed || storeClosed.getAsBoolean()) {
        throw new StoreClosedException();
      }
      if (index >= order.end()) {
        armed.set(true);
        if (!hasMore() || !armed.compareAndSet(true, false)) {
          return Optional.empty();
        }
      }
      try {
        Optional<PullRecord> record = read();
        if (record.isPresent()) {
          return record;
        }
      } catch (IOException | CorruptRecordException e) {
        passOver(e);
      }
    }
  }

  /** Empty for an entry that the reader has: it asked for more than was sorted at that time. */
  private Optional<PullRecord> read() throws IOException {
    OrderEntry entry = nextEntry();
    Optional<PullRecord> record = Optional.empty();
    if (Long.compareUnsigned(entry.commitTs(), position) > 0) {
      damages.crossed(position, entry.commitTs()).ifPresent(this::pass);
      record = Optional.of(fetch(entry));
      position = entry.commitTs();
    }
    entryAt += OrderEntry.BYTES;
    long following = index + 1;
    index = following;
    return record;
  }

  /** What is left on both sides of it is served to a reader who takes what there is. */
  private void pass(DamagedStretch damage) {
    if (gapPolicy != GapPolicy.SKIP) {
      throw new PullGapException(new Tso(position), damage);
    }
    if (passed.add(damage.pointer())) {
      skippedGaps++;
      skippedTo = damage.upTo().value();
    }
  }

  private OrderEntry nextEntry() throws IOException {
    if (entryAt >= entries.limit()) {
      entryAt = 0;
      entries.limit(0);
      if (index < order.first()) {
        throw new IOException("order log entry " + index + " is gone");
      }
      if (order.read(index, entries) == 0) {
        entries.limit(0);
        throw order.damagedAt(index);
      }
    }
    return order.checked(entries, entryAt, index);
  }

  private PullRecord fetch(OrderEntry entry) throws IOException {
    pinned = -1;
    ByteBuffer commitRecord = fetch(entry.commitPointer(), entry.commitBytes());
    commit.read(commitRecord);
    if (commit.commitTs() == entry.commitTs() && entry.isFake()) {
      return Delivery.fake(entry.commitTs(), commitRecord);
    }
    if (commit.commitTs() != entry.commitTs() || commit.startTs() != entry.startTs()) {
      throw misplaced(entry.commitPointer());
    }
    prewrite.read(fetch(entry.prewritePointer(), entry.prewriteBytes()));
    if (prewrite.startTs() != entry.startTs() || !prewrite.isPrewrite()) {
      throw misplaced(entry.prewritePointer());
    }
    return Delivery.of(prewrite, commit);
  }

  private static CorruptRecordException misplaced(long pointer) {
    return new CorruptRecordException(
        ValueSegment.fileName(LogPointer.segment(pointer)),
        LogPointer.offset(pointer),
        "another transaction's record than the order log says");
  }

  /** Leaves the window alone that holds the record fetched just before. */
  private ByteBuffer fetch(long pointer, int bytes) throws IOException {
    int frameBytes = Math.toIntExact(Frame.sizeBytes(bytes));
    if (frameBytes > Delivery.JOIN_BELOW_BYTES) {
      return values.read(ReadWindow.none(), pointer, bytes);
    }
    for (int i = 0; i < WINDOWS; i++) {
      if (windows[i].holds(LogPointer.segment(pointer), LogPointer.offset(pointer), frameBytes)) {
        pinned = i;
        return values.read(windows[i], pointer, bytes);
      }
    }
    do {
      nextWindow = (nextWindow + 1) % WINDOWS;
    } while (nextWindow == pinned);
    pinned = nextWindow;
    return values.read(windows[nextWindow], pointer, bytes);
  }

  /** Garbage collection explains a failed read of old data; anything else is for the caller. */
  private void passOver(Exception cause) {
    if (storeClosed.getAsBoolean()) {
      throw new StoreClosedException();
    }
    if (Long.compareUnsigned(position, gcTs.getAsLong()) < 0) {
      try {
        skipGap();
        return;
      } catch (IOException e) {
        throw new StoreReadException(OrderSegment.FOLDER, e);
      }
    }
    if (cause instanceof CorruptRecordException corrupt) {
      throw corrupt;
    }
    throw new StoreReadException("what was committed after " + new Tso(position), cause);
  }

  private boolean hasMore() {
    return closed || storeClosed.getAsBoolean() || index < order.end();
  }

  private void wakeIfArmed() {
    if (hasMore() && armed.compareAndSet(true, false)) {
      wake.run();
    }
  }

  @Override
  public void onReady(Runnable newWake) {
    wake = newWake;
    wakeIfArmed();
  }

  @Override
  public Tso position() {
    return new Tso(position);
  }

  @Override
  public long skippedGaps() {
    return skippedGaps;
  }

  @Override
  public Tso skippedTo() {
    return new Tso(skippedTo);
  }

  @Override
  public void close() {
    closed = true;
    wakeups.remove(signal);
  }
}
