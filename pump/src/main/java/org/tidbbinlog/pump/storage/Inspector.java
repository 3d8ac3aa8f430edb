package org.tidbbinlog.pump.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;

/** Answers what people ask: which record is that, what is being waited for. */
final class Inspector {
  /** How far behind a start timestamp its commit is looked for. */
  private static final long MAX_ENTRIES = 1 << 20;

  /** Larger records are not read to be described. */
  private static final int MOST_SHOWN_BYTES = 4 << 20;

  private record Waiting(long startTs, long pointer, int bytes, long sinceNs) {}

  private final ValueLog values;
  private final OrderLog order;
  private final Sorter sorter;
  private final Resolver resolver;
  private final Clock clock;

  Inspector(ValueLog values, OrderLog order, Sorter sorter, Resolver resolver, Clock clock) {
    this.values = values;
    this.order = order;
    this.sorter = sorter;
    this.resolver = resolver;
    this.clock = clock;
  }

  Optional<StoredRecord> find(long ts) throws IOException {
    long after = order.indexAfter(ts);
    if (after > order.first()) {
      OrderEntry entry = order.read(after - 1);
      if (entry.commitTs() == ts) {
        return Optional.of(stored(entry.commitPointer(), entry.commitBytes()));
      }
    }
    Optional<Waiting> waiting = waiting(ts);
    if (waiting.isPresent()) {
      return Optional.of(stored(waiting.get().pointer(), waiting.get().bytes()));
    }
    return findByStart(ts, after);
  }

  private Optional<Waiting> waiting(long startTs) {
    synchronized (sorter) {
      int slot = sorter.waiting().find(startTs);
      return slot == LongIntMap.ABSENT ? Optional.empty() : Optional.of(copy(slot));
    }
  }

  private Waiting copy(int slot) {
    PrewriteList list = sorter.waiting();
    return new Waiting(
        list.startTs(slot), list.pointer(slot), list.length(slot), list.sinceNs(slot));
  }

  private Optional<StoredRecord> findByStart(long startTs, long from) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(4096 * OrderEntry.BYTES);
    long to = Math.min(order.end(), from + MAX_ENTRIES);
    for (long index = from; index < to; ) {
      int count = order.read(index, bytes);
      for (int i = 0; i < count; i++) {
        OrderEntry entry = order.checked(bytes, i * OrderEntry.BYTES, index + i);
        if (entry.startTs() == startTs) {
          return Optional.of(stored(entry.prewritePointer(), entry.prewriteBytes()));
        }
      }
      if (count == 0) {
        break;
      }
      index += count;
    }
    return Optional.empty();
  }

  private StoredRecord stored(long pointer, int bytes) throws IOException {
    return new StoredRecord(
        ValueSegment.fileName(LogPointer.segment(pointer)),
        LogPointer.offset(pointer),
        values.read(new ReadWindow(0), pointer, bytes));
  }

  List<Dangling> dangling(int limit) {
    List<Waiting> oldest = new ArrayList<>();
    synchronized (sorter) {
      int slot = sorter.waiting().first();
      while (slot != PrewriteList.END && oldest.size() < limit) {
        oldest.add(copy(slot));
        slot = sorter.waiting().after(slot);
      }
    }
    return oldest.stream().map(this::describe).toList();
  }

  private Dangling describe(Waiting waiting) {
    Duration waited = Duration.ofNanos(clock.nanoTime() - waiting.sinceNs());
    Tso start = new Tso(waiting.startTs());
    String state = resolver.state(waiting.startTs());
    if (waiting.bytes() > MOST_SHOWN_BYTES) {
      String large = state + " (" + waiting.bytes() + " bytes, not looked into)";
      return new Dangling(start, waited, List.of(), "", "", large);
    }
    try {
      BinlogFields fields =
          new BinlogFields()
              .read(values.read(new ReadWindow(0), waiting.pointer(), waiting.bytes()));
      return new Dangling(
          start,
          waited,
          TableIds.of(fields.bytes(BinlogFields.VALUE)),
          UTF_8.decode(fields.bytes(BinlogFields.QUERY)).toString(),
          hex(fields.bytes(BinlogFields.KEY)),
          state);
    } catch (IOException | CorruptRecordException e) {
      return new Dangling(start, waited, List.of(), "", "", String.valueOf(e.getMessage()));
    }
  }

  private static String hex(ByteBuffer key) {
    byte[] bytes = new byte[Math.min(key.remaining(), 256)];
    key.get(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
