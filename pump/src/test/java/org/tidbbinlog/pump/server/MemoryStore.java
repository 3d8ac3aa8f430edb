package org.tidbbinlog.pump.server;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.binlog.BinlogKind;
import org.tidbbinlog.pump.storage.AppendCallback;
import org.tidbbinlog.pump.storage.BinlogStore;
import org.tidbbinlog.pump.storage.DamagedStretch;
import org.tidbbinlog.pump.storage.Dangling;
import org.tidbbinlog.pump.storage.DiskSpace;
import org.tidbbinlog.pump.storage.GapPolicy;
import org.tidbbinlog.pump.storage.GcOutcome;
import org.tidbbinlog.pump.storage.ProofStatus;
import org.tidbbinlog.pump.storage.PullCursor;
import org.tidbbinlog.pump.storage.PullRecord;
import org.tidbbinlog.pump.storage.ScrubPace;
import org.tidbbinlog.pump.storage.ScrubReport;
import org.tidbbinlog.pump.storage.SegmentInfo;
import org.tidbbinlog.pump.storage.StoreStats;
import org.tidbbinlog.pump.storage.StoredRecord;

/** A store without a disk that believes every record: for tests of what stands in front of it. */
class MemoryStore implements BinlogStore {
  private final Deque<Binlog> unsorted = new ArrayDeque<>();
  private final Set<Tso> unmatched = new HashSet<>();
  private final Map<Tso, Binlog> prewrites = new HashMap<>();
  private final NavigableMap<Tso, Binlog> sorted = new TreeMap<>();
  private final List<Runnable> sleepers = new ArrayList<>();
  private Tso maxCommitTs = Tso.ZERO;
  private Tso gcTs = Tso.ZERO;
  private DiskSpace space = new DiskSpace(1L << 40, 1L << 39);
  private Optional<RuntimeException> readFault = Optional.empty();
  private List<SegmentInfo> segments = List.of();
  private Scrub scrub = pace -> {};
  private long appended;
  private long read;

  @Override
  public void append(ByteBuffer encodedBinlog, AppendCallback done) {
    ByteBuffer copy = ByteBuffer.allocate(encodedBinlog.remaining());
    copy.put(encodedBinlog.duplicate()).flip();
    sort(Binlog.decode(copy)).forEach(Runnable::run);
    done.durable();
  }

  private synchronized List<Runnable> sort(Binlog binlog) {
    appended++;
    unsorted.add(binlog);
    if (binlog.kind() == BinlogKind.PREWRITE) {
      unmatched.add(binlog.startTs());
      prewrites.put(binlog.startTs(), binlog);
      return List.of();
    }
    unmatched.remove(binlog.startTs());
    if (binlog.isFake()) {
      sorted.put(binlog.commitTs(), binlog);
    } else if (binlog.kind() == BinlogKind.COMMIT && prewrites.containsKey(binlog.startTs())) {
      sorted.put(binlog.commitTs(), prewrites.get(binlog.startTs()).withCommit(binlog));
    }
    for (Binlog head = unsorted.peek(); head != null; head = unsorted.peek()) {
      if (head.kind() == BinlogKind.PREWRITE && unmatched.contains(head.startTs())) {
        break;
      }
      maxCommitTs = maxCommitTs.max(head.commitTs());
      unsorted.poll();
    }
    return wake();
  }

  private synchronized List<Runnable> wake() {
    List<Runnable> awake = List.copyOf(sleepers);
    sleepers.clear();
    return awake;
  }

  @Override
  public synchronized Tso maxCommitTs() {
    return maxCommitTs;
  }

  @Override
  public synchronized Tso gcTs() {
    return gcTs;
  }

  @Override
  public synchronized GcOutcome collectGarbage(Tso wanted, Supplier<Tso> allowed) {
    Tso upTo = allowed.get().min(wanted);
    if (!upTo.isAfter(gcTs) || !upTo.isBefore(maxCommitTs)) {
      return GcOutcome.IGNORED;
    }
    gcTs = upTo;
    return GcOutcome.DONE;
  }

  synchronized void space(DiskSpace now) {
    space = now;
  }

  synchronized void failReadsWith(RuntimeException fault) {
    readFault = Optional.of(fault);
  }

  @Override
  public PullCursor pull(Tso fromExclusive, GapPolicy gapPolicy) {
    return new Cursor(fromExclusive, gapPolicy);
  }

  private final class Cursor implements PullCursor {
    private final GapPolicy policy;
    private Tso position;
    private long skipped;

    Cursor(Tso position, GapPolicy policy) {
      this.position = position;
      this.policy = policy;
      passGap();
    }

    private void passGap() {
      Tso to = gcTs();
      if (position.isBefore(to)) {
        if (policy == GapPolicy.REFUSE) {
          throw new IllegalStateException("gap from " + position + " to " + to);
        }
        skipped++;
        position = to;
      }
    }

    @Override
    public Optional<PullRecord> tryNext() {
      synchronized (MemoryStore.this) {
        if (readFault.isPresent()) {
          throw readFault.get();
        }
        passGap();
        Map.Entry<Tso, Binlog> next = sorted.higherEntry(position);
        if (next == null || next.getKey().isAfter(maxCommitTs)) {
          return Optional.empty();
        }
        read++;
        position = next.getKey();
        Binlog binlog = next.getValue();
        return Optional.of(
            new PullRecord(
                binlog.startTs(), binlog.commitTs(), List.of(ByteBuffer.wrap(binlog.encode()))));
      }
    }

    @Override
    public void onReady(Runnable wake) {
      synchronized (MemoryStore.this) {
        if (sorted.tailMap(position, false).isEmpty()) {
          sleepers.add(wake);
          return;
        }
      }
      wake.run();
    }

    @Override
    public Tso position() {
      return position;
    }

    @Override
    public long skippedGaps() {
      return skipped;
    }

    @Override
    public Tso skippedTo() {
      return Tso.ZERO;
    }

    @Override
    public void close() {}
  }

  @Override
  public synchronized Optional<StoredRecord> find(Tso ts) {
    return Optional.ofNullable(prewrites.get(ts))
        .or(() -> Optional.ofNullable(sorted.get(ts)))
        .map(binlog -> new StoredRecord("memory", 0, ByteBuffer.wrap(binlog.encode())));
  }

  @Override
  public synchronized List<Dangling> dangling(int limit) {
    return unmatched.stream()
        .limit(limit)
        .map(ts -> new Dangling(ts, Duration.ZERO, List.of(), "", "", "waiting"))
        .toList();
  }

  @Override
  public synchronized long unmatchedCount() {
    return unmatched.size();
  }

  @Override
  public ProofStatus proof() {
    return new ProofStatus(-1, 0, "", List.of());
  }

  /** A pass over finished files. */
  interface Scrub {
    void pass(ScrubPace pace) throws InterruptedException;
  }

  synchronized void onScrub(Scrub pass) {
    scrub = pass;
  }

  @Override
  public void scrub(ScrubPace pace) throws InterruptedException {
    scrub.pass(pace);
  }

  @Override
  public ScrubReport scrubReport() {
    return new ScrubReport(Instant.EPOCH, Instant.EPOCH, 0, 0, 0, "", 0, List.of());
  }

  @Override
  public List<DamagedStretch> damages() {
    return List.of();
  }

  @Override
  public synchronized List<SegmentInfo> segments() {
    return segments;
  }

  /** As if everything up to here were sorted. */
  synchronized void reach(Tso newest) {
    maxCommitTs = maxCommitTs.max(newest);
  }

  synchronized void segments(List<SegmentInfo> now) {
    segments = List.copyOf(now);
  }

  @Override
  public synchronized DiskSpace diskSpace() {
    return space;
  }

  /** Records given to readers. */
  synchronized long readCount() {
    return read;
  }

  synchronized long appendedCount() {
    return appended;
  }

  @Override
  public synchronized StoreStats stats() {
    return new StoreStats(
        appended,
        100 * appended,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        unmatched.size(),
        maxCommitTs,
        gcTs);
  }

  @Override
  public void close() {
    wake().forEach(Runnable::run);
  }
}
