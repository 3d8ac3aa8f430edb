package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;

/**
 * Makes damaged entries of the order log again, in their places, while it is in use: what readers
 * and {@code maxCommitTs} stand on does not move (I1, I3). Belongs to the indexer's thread.
 *
 * <p>The neighbours of a damaged stretch say between which timestamps it lies, the places say how
 * many entries it has. The value log holds all transactions that can belong there; when it holds
 * just as many, they are the ones. Else nothing is written, and the next start sorts anew.
 */
final class OrderRepair {
  /** Of damaged entries; above that sorting anew is no slower. */
  private static final int MOST_ENTRIES = 1 << 20;

  private static final int READ_ENTRIES = 4096;
  private static final long AGAIN_NS = TimeUnit.SECONDS.toNanos(1);
  private static final Logger LOG = LoggerFactory.getLogger(OrderRepair.class);

  private final ValueLog values;
  private final OrderLog order;
  private final Clock clock;
  private boolean resting;
  private long failedNs;

  /** By index: written, but perhaps not forced. */
  private final NavigableMap<Long, List<OrderEntry>> made = new TreeMap<>();

  OrderRepair(ValueLog values, OrderLog order, Clock clock) {
    this.values = values;
    this.order = order;
    this.clock = clock;
  }

  /**
   * Damaged entries with sound ones around them.
   *
   * @param after commit timestamp before the first of them, unsigned
   * @param before commit timestamp behind the last of them, unsigned
   */
  private record Hole(long index, long count, long after, long before) {}

  /** Does nothing while nobody met a damaged entry; a failed try is repeated a little later. */
  void maybeRun() throws OrderLogLostException {
    if (!order.isDamaged() || (resting && clock.nanoTime() - failedNs < AGAIN_NS)) {
      return;
    }
    resting = false;
    try {
      run();
    } catch (OrderLogLostException e) {
      throw e;
    } catch (IOException | CorruptRecordException e) {
      resting = true;
      failedNs = clock.nanoTime();
      LOG.atError().setCause(e).log("order log not repaired, trying again");
    }
  }

  private void run() throws IOException {
    long startedNs = clock.nanoTime();
    int firstSegment = firstSegment();
    long firstEntry = order.first();
    List<Hole> holes = holes(firstEntry);
    long count = holes.stream().mapToLong(Hole::count).sum();
    if (count > MOST_ENTRIES) {
      throw lost(count + " entries are damaged");
    }
    Map<Hole, List<OrderEntry>> found = holes.isEmpty() ? Map.of() : fill(holes);
    if (order.first() != firstEntry || firstSegment() != firstSegment) {
      throw new IOException("garbage was collected meanwhile");
    }
    for (Map.Entry<Hole, List<OrderEntry>> each : found.entrySet()) {
      Hole hole = each.getKey();
      if (each.getValue().size() != hole.count()) {
        throw lost(
            hole.count()
                + " entries from "
                + hole.index()
                + " on are damaged, the value log has "
                + each.getValue().size());
      }
      made.put(hole.index(), each.getValue());
    }
    for (Map.Entry<Long, List<OrderEntry>> each : made.entrySet()) {
      order.rewrite(each.getKey(), each.getValue());
    }
    order.repaired();
    made.clear();
    LOG.atWarn()
        .addKeyValue("entries", count)
        .addKeyValue("places", holes.size())
        .addKeyValue("costMs", (clock.nanoTime() - startedNs) / 1_000_000)
        .log("order log repaired from the value log");
  }

  private OrderLogLostException lost(String what) throws IOException {
    order.mark();
    return new OrderLogLostException("order log: " + what);
  }

  private int firstSegment() {
    return values.segmentFrom(0).map(ValueSegment::id).orElse(0);
  }

  private List<Hole> holes(long first) throws IOException {
    List<Hole> holes = new ArrayList<>();
    ByteBuffer bytes = ByteBuffer.allocate(READ_ENTRIES * OrderEntry.BYTES);
    long after = order.beforeFirst();
    long open = -1;
    long index = first;
    while (index < order.end()) {
      int count = order.read(index, bytes);
      for (int i = 0; i < Math.max(1, count); i++) {
        boolean sound = count > 0 && OrderEntry.isValid(bytes, i * OrderEntry.BYTES);
        if (!sound && open < 0) {
          open = index;
        } else if (sound) {
          long ts = bytes.getLong(i * OrderEntry.BYTES);
          if (open >= 0) {
            holes.add(new Hole(open, index - open, after, ts));
            open = -1;
          }
          after = ts;
        }
        index++;
      }
    }
    if (open >= 0) {
      holes.add(new Hole(open, order.end() - open, after, order.lastTs() + 1));
    }
    return holes;
  }

  // --- what belongs there --------------------------------------------------------------------

  /** Everything in the value log that may belong into a hole, in commit order. */
  private Map<Hole, List<OrderEntry>> fill(List<Hole> holes) throws IOException {
    NavigableMap<Long, Hole> byAfter = new TreeMap<>(Long::compareUnsigned);
    holes.forEach(hole -> byAfter.put(hole.after(), hole));
    NavigableMap<Long, OrderEntry> commits = commitsIn(byAfter);
    findPrewrites(commits);
    Map<Hole, List<OrderEntry>> found = new LinkedHashMap<>();
    holes.forEach(hole -> found.put(hole, new ArrayList<>()));
    for (OrderEntry entry : commits.values()) {
      if (entry.prewriteBytes() > 0) {
        holeOf(byAfter, entry.commitTs())
            .ifPresent(hole -> found.computeIfAbsent(hole, key -> new ArrayList<>()).add(entry));
        NeededUntil.note(values, entry);
      }
    }
    return found;
  }

  private static Optional<Hole> holeOf(NavigableMap<Long, Hole> byAfter, long ts) {
    Map.Entry<Long, Hole> entry = byAfter.lowerEntry(ts);
    return Optional.ofNullable(entry)
        .map(Map.Entry::getValue)
        .filter(hole -> Long.compareUnsigned(ts, hole.before()) < 0);
  }

  /** The first record of each timestamp; a Commit still without its Prewrite's place. */
  private NavigableMap<Long, OrderEntry> commitsIn(NavigableMap<Long, Hole> holes)
      throws IOException {
    NavigableMap<Long, OrderEntry> commits = new TreeMap<>(Long::compareUnsigned);
    BinlogFields fields = new BinlogFields();
    long to = values.end();
    LogTail tail = new LogTail(values, firstAbove(holes.firstKey()), to, LogTail.OnSkip.NOTHING);
    while (tail.next() && tail.record() < to) {
      int bytes = tail.payload().remaining();
      if (isReadable(fields, tail.payload())
          && Sorter.isOrdered(fields)
          && holeOf(holes, fields.commitTs()).isPresent()) {
        OrderEntry entry =
            new OrderEntry(
                fields.commitTs(),
                fields.startTs(),
                tail.record(),
                fields.isFake() ? bytes : 0,
                tail.record(),
                bytes);
        commits.putIfAbsent(fields.commitTs(), entry);
        if (commits.size() > 2 * MOST_ENTRIES) {
          throw lost("too many transactions may belong where entries are damaged");
        }
      }
    }
    return commits;
  }

  /** Where the first segment begins that may hold a record above {@code ts}. */
  private long firstAbove(long ts) {
    for (ValueSegment segment : values.segments()) {
      if (!segment.isFinished() || Long.compareUnsigned(segment.maxTs(), ts) > 0) {
        return LogPointer.of(segment.id(), 0);
      }
    }
    return LogPointer.of(firstSegment(), 0);
  }

  private void findPrewrites(NavigableMap<Long, OrderEntry> commits) throws IOException {
    Map<Long, OrderEntry> awaited = new TreeMap<>();
    for (OrderEntry entry : commits.values()) {
      if (!entry.isFake()) {
        awaited.put(entry.startTs(), entry);
      }
    }
    BinlogFields fields = new BinlogFields();
    long to = values.end();
    LogTail tail =
        new LogTail(values, LogPointer.of(firstSegment(), 0), to, LogTail.OnSkip.NOTHING);
    while (!awaited.isEmpty() && tail.next() && tail.record() < to) {
      int bytes = tail.payload().remaining();
      if (isReadable(fields, tail.payload())
          && fields.isPrewrite()
          && awaited.containsKey(fields.startTs())) {
        OrderEntry entry = awaited.remove(fields.startTs());
        commits.put(
            entry.commitTs(),
            new OrderEntry(
                entry.commitTs(),
                entry.startTs(),
                tail.record(),
                bytes,
                entry.commitPointer(),
                entry.commitBytes()));
      }
    }
  }

  private static boolean isReadable(BinlogFields fields, ByteBuffer payload) {
    try {
      fields.read(payload);
      fields.requireStart();
      return true;
    } catch (InvalidRecordException e) {
      return false; // Sorting has counted and told it.
    }
  }
}
