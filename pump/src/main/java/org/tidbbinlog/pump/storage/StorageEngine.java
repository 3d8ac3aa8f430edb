package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.time.TimeSource;
import org.tidbbinlog.cluster.txn.TransactionStatus;

/**
 * The store without its threads: everything happens in {@link #writeGroup}, {@link #indexStep} and
 * {@link #resolveStep}, which {@link StoreThreads} calls in life, and a test or the simulator calls
 * in the order of its choice. Public for the simulator alone; a process opens {@link
 * FileBinlogStore}.
 */
public final class StorageEngine implements BinlogStore {
  private static final Logger LOG = LoggerFactory.getLogger(StorageEngine.class);
  private static final String LOCK_FILE = ".lock";

  private final Disk disk;
  private final StoreSettings settings;
  private final AutoCloseable lock;
  private final ValueLog values;
  private final OrderLog order;
  private final StateKeeper keeper;
  private final AppendQueue queue;
  private final LogWriter writer;
  private final Sorter sorter;
  private final DamagedStretches damages;
  private final OrderRepair repair;
  private final Indexer indexer;
  private final Resolver resolver;
  private final GarbageCollector collector;
  private final Inspector inspector;
  private final Prover prover;
  private final Scrubber scrubber;
  private final Wakeups wakeups = new Wakeups();
  private final Signal indexWork = new Signal();
  private final long skippedAtOpen;
  private volatile boolean closing;

  private StorageEngine(
      OpenedFiles files, AutoCloseable lock, StoreSettings settings, Ports ports) {
    this.disk = ports.disk();
    this.settings = settings;
    this.lock = lock;
    this.values = files.values();
    this.order = files.order();
    this.keeper = files.keeper();
    this.skippedAtOpen = files.skippedBytes();
    this.queue = new AppendQueue(settings.queueBytes());
    this.writer =
        new LogWriter(values, queue, settings, ports.observer(), ports.clock(), indexWork::give);
    this.sorter = new Sorter(files.maxCommitTs());
    this.damages =
        new DamagedStretches(keeper.current().damages(), files.maxCommitTs(), files.acknowledged());
    this.repair = new OrderRepair(values, order, ports.clock());
    this.indexer = new Indexer(values, order, sorter, keeper, damages, settings, ports.clock());
    this.resolver =
        new Resolver(
            sorter,
            values,
            ports.transactions(),
            ports.time(),
            this::append,
            ports.resolvers(),
            indexWork::give,
            settings,
            ports.observer(),
            ports.clock());
    this.collector = new GarbageCollector(values, order, keeper, ports.observer());
    this.inspector = new Inspector(values, order, sorter, resolver, ports.clock());
    this.prover = new Prover(disk, values, settings, ports.clock());
    this.scrubber = new Scrubber(disk, values, ports.clock());
  }

  /** What the store needs from outside. */
  public record Ports(
      Disk disk,
      TransactionStatus transactions,
      TimeSource time,
      Executor resolvers,
      StoreObserver observer,
      Clock clock) {}

  /**
   * Locks and recovers.
   *
   * @throws org.tidbbinlog.base.OperatorException when the directory is in use or not whole
   */
  public static StorageEngine open(StoreSettings settings, Ports ports) throws IOException {
    AutoCloseable lock = ports.disk().lock(LOCK_FILE);
    try {
      DirectoryFormat.settle(ports.disk());
      return new StorageEngine(
          OpenedFiles.open(ports.disk(), settings, ports.clock()), lock, settings, ports);
    } catch (IOException | RuntimeException e) {
      release(lock);
      throw e;
    }
  }

  private static void release(AutoCloseable lock) {
    try {
      lock.close();
    } catch (Exception e) {
      LOG.atWarn().setCause(e).log("data directory lock not released");
    }
  }

  // --- steps ---------------------------------------------------------------------------------

  /** One group commit; false when nothing waited. Writer's thread. */
  public boolean writeGroup() {
    return writer.writeGroup();
  }

  /** Answers the group that an error out of {@link #writeGroup} left without. Writer's thread. */
  void giveUpGroup(Throwable cause) {
    writer.giveUpGroup(cause);
  }

  /**
   * One piece of sorting; false when there was nothing to do. Indexer's thread.
   *
   * @throws OrderLogLostException when only a new start helps
   */
  public boolean indexStep() throws IOException {
    repair.maybeRun();
    boolean worked;
    try {
      worked = indexer.step();
    } catch (IOException e) {
      wakeups.signal(); // A part of it may be there to pull.
      throw e;
    }
    if (worked) {
      wakeups.signal();
    }
    indexer.maybeSave();
    return worked;
  }

  /** A rollback was announced, or a question was answered: there may be one to ask at once. */
  public boolean isResolveAwaited() {
    return indexer.hasNotices() || resolver.hasRoomAgain();
  }

  /** Starts the questions to TiKV that are due. Indexer's thread. */
  public void resolveStep() {
    resolver.tick(indexer.takeNotices());
  }

  /** One stretch of the continuity proof; false when nothing waits. Prover's thread. */
  public boolean proveStep() throws IOException {
    return prover.step();
  }

  AppendQueue queue() {
    return queue;
  }

  Signal indexWork() {
    return indexWork;
  }

  // --- the port ------------------------------------------------------------------------------

  @Override
  public void append(ByteBuffer encodedBinlog, AppendCallback done) {
    try {
      BinlogFields fields = new BinlogFields().read(encodedBinlog);
      if (fields.isProbe()) {
        done.durable();
      } else {
        fields.requireStart();
        queue.offer(AppendRequest.of(encodedBinlog, fields, done));
      }
    } catch (InvalidRecordException | StoreBusyException | StoreClosedException e) {
      done.failed(e);
    }
  }

  @Override
  public Tso maxCommitTs() {
    return new Tso(indexer.maxCommitTs());
  }

  @Override
  public Tso gcTs() {
    return new Tso(keeper.gcTs());
  }

  @Override
  public GcOutcome collectGarbage(Tso upTo, Supplier<Tso> allowed) {
    try {
      return collector.collect(upTo, allowed, maxCommitTs());
    } catch (IOException e) {
      throw new StoreWriteException(disk.describe(), e);
    }
  }

  @Override
  public PullCursor pull(Tso fromExclusive, GapPolicy gapPolicy) {
    if (closing) {
      throw new StoreClosedException();
    }
    try {
      return new LogCursor(
          values, order, keeper::gcTs, damages, wakeups, () -> closing, fromExclusive, gapPolicy);
    } catch (IOException e) {
      throw new StoreReadException(disk.describe(), e);
    }
  }

  @Override
  public Optional<StoredRecord> find(Tso ts) {
    try {
      return inspector.find(ts.value());
    } catch (IOException e) {
      throw new StoreReadException(disk.describe(), e);
    }
  }

  @Override
  public List<Dangling> dangling(int limit) {
    return inspector.dangling(limit);
  }

  @Override
  public long unmatchedCount() {
    return indexer.unmatched();
  }

  @Override
  public ProofStatus proof() {
    return prover.status();
  }

  @Override
  public void scrub(ScrubPace pace) throws InterruptedException {
    scrubber.pass(pace);
  }

  @Override
  public ScrubReport scrubReport() {
    return scrubber.report();
  }

  @Override
  public List<DamagedStretch> damages() {
    return damages.all();
  }

  @Override
  public List<SegmentInfo> segments() {
    return values.segments().stream().map(SegmentInfo::of).toList();
  }

  @Override
  public DiskSpace diskSpace() {
    try {
      return disk.space();
    } catch (IOException e) {
      throw new StoreWriteException(disk.describe(), e);
    }
  }

  @Override
  public StoreStats stats() {
    return new StoreStats(
        writer.records(),
        writer.bytes(),
        writer.groups(),
        writer.failed(),
        indexer.skippedCommits(),
        indexer.duplicates(),
        resolver.rolledBack(),
        resolver.ownCommits(),
        resolver.queries(),
        skippedAtOpen + indexer.skippedBytes(),
        queue.bytes(),
        values.bytesAfter(indexer.readTo()),
        indexer.unmatched(),
        maxCommitTs(),
        gcTs());
  }

  // --- the end -------------------------------------------------------------------------------

  /** Refuses appends and ends pulls; what was accepted is still to be written. */
  void beginClose() {
    closing = true;
    queue.close();
    wakeups.signal();
    indexWork.give();
  }

  /** For a single thread, when no other uses the steps any more. */
  @Override
  public void close() {
    beginClose();
    while (!queue.isDrained()) {
      writer.writeGroup();
    }
    try {
      finishLastSegment();
      indexer.save();
      prover.finish();
      order.close();
      values.close();
    } catch (IOException e) {
      LOG.atError()
          .addKeyValue("reason", String.valueOf(e.getMessage()))
          .log("storage not closed cleanly, the next start recovers it");
    } finally {
      release(lock);
    }
  }

  /**
   * Instead of {@link #close} when a thread still runs a step: saves nothing, since what that
   * thread holds is in no state, and keeps the directory's lock until the process ends, since it
   * may go on writing.
   */
  void abandon() {
    beginClose();
    writer.refuseQueued();
    LOG.atError()
        .addKeyValue("dir", disk.describe())
        .log("storage not closed, the next start recovers it");
  }

  private void finishLastSegment() throws IOException {
    for (ValueSegment segment : values.segments()) {
      boolean isLast = segment.id() == LogPointer.segment(values.end());
      if (isLast && segment.end() >= settings.footerFromBytes()) {
        values.finish(segment);
      }
    }
  }
}
