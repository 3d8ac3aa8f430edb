package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.time.TimeSource;
import org.tidbbinlog.cluster.txn.TransactionStatus;
import org.tidbbinlog.node.process.DaemonThread;

/** The store in a directory, with its threads running. */
public final class FileBinlogStore implements BinlogStore {
  private final StorageEngine engine;
  private final StoreThreads threads;
  private final AtomicBoolean closed = new AtomicBoolean();

  private FileBinlogStore(StorageEngine engine, StoreThreads threads) {
    this.engine = engine;
    this.threads = threads;
  }

  /** As below, with nobody watching. */
  public static FileBinlogStore open(
      Path dataDir,
      StoreSettings settings,
      TransactionStatus transactions,
      TimeSource time,
      Clock clock) {
    return open(dataDir, settings, transactions, time, StoreObserver.NONE, clock);
  }

  /**
   * Takes the directory's lock, recovers, and starts the store's threads.
   *
   * @param time only asked when the fate of a transaction is in question
   * @throws OperatorException when the directory is in use, unreadable, or damaged beyond what
   *     recovery may pass over
   */
  public static FileBinlogStore open(
      Path dataDir,
      StoreSettings settings,
      TransactionStatus transactions,
      TimeSource time,
      StoreObserver observer,
      Clock clock) {
    try {
      createPrivate(dataDir);
      Disk disk = new FileChannelDisk(dataDir);
      return open(disk, settings, transactions, time, observer, clock, StoreThreads.Ends.DEFAULT);
    } catch (IOException e) {
      throw new OperatorException(
          "open data directory " + dataDir + ": " + e + ": check its path and permissions", e);
    }
  }

  /** As above, on any disk. */
  static FileBinlogStore open(
      Disk disk,
      StoreSettings settings,
      TransactionStatus transactions,
      TimeSource time,
      StoreObserver observer,
      Clock clock,
      StoreThreads.Ends ends)
      throws IOException {
    ThreadPoolExecutor resolvers = resolvers(settings.resolverThreads());
    StorageEngine engine =
        StorageEngine.open(
            settings,
            new StorageEngine.Ports(disk, transactions, time, resolvers, observer, clock));
    StoreThreads threads = new StoreThreads(engine, resolvers, clock, ends);
    threads.start();
    return new FileBinlogStore(engine, threads);
  }

  private static void createPrivate(Path dataDir) throws IOException {
    if (!Files.isDirectory(dataDir)) {
      Files.createDirectories(
          dataDir,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }

  private static ThreadPoolExecutor resolvers(int count) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            count,
            count,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            DaemonThread.ofPool("pump-resolve"),
            new ThreadPoolExecutor.DiscardPolicy());
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  @Override
  public void append(ByteBuffer encodedBinlog, AppendCallback done) {
    engine.append(encodedBinlog, done);
  }

  @Override
  public Tso maxCommitTs() {
    return engine.maxCommitTs();
  }

  @Override
  public Tso gcTs() {
    return engine.gcTs();
  }

  @Override
  public GcOutcome collectGarbage(Tso upTo, Supplier<Tso> allowed) {
    return engine.collectGarbage(upTo, allowed);
  }

  @Override
  public PullCursor pull(Tso fromExclusive, GapPolicy gapPolicy) {
    return engine.pull(fromExclusive, gapPolicy);
  }

  @Override
  public Optional<StoredRecord> find(Tso ts) {
    return engine.find(ts);
  }

  @Override
  public List<Dangling> dangling(int limit) {
    return engine.dangling(limit);
  }

  @Override
  public long unmatchedCount() {
    return engine.unmatchedCount();
  }

  @Override
  public ProofStatus proof() {
    return engine.proof();
  }

  @Override
  public void scrub(ScrubPace pace) throws InterruptedException {
    engine.scrub(pace);
  }

  @Override
  public ScrubReport scrubReport() {
    return engine.scrubReport();
  }

  @Override
  public List<DamagedStretch> damages() {
    return engine.damages();
  }

  @Override
  public List<SegmentInfo> segments() {
    return engine.segments();
  }

  @Override
  public DiskSpace diskSpace() {
    return engine.diskSpace();
  }

  @Override
  public StoreStats stats() {
    return engine.stats();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      if (threads.tryStop()) {
        engine.close();
      } else {
        engine.abandon();
      }
    }
  }
}
