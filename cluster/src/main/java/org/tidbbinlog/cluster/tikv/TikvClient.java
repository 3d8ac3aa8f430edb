package org.tidbbinlog.cluster.tikv;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.net.Attempts;
import org.tidbbinlog.cluster.net.Links;
import org.tidbbinlog.cluster.pd.PdClient;
import org.tidbbinlog.cluster.time.TimeSource;

/**
 * The few things asked of TiKV, in bytes: snapshot reads and transaction states. Region errors and
 * locks are handled inside; safe for use by many threads. Source: tikv-access.
 */
public final class TikvClient {
  private final TxnCalls transactions;
  private final TikvSnapshot snapshot;
  private final PdClient pd;
  private final Attempts.Policy policy;
  private final ExecutorService readers = Executors.newCachedThreadPool(TikvClient::readerThread);

  public TikvClient(PdClient pd, Links links, TimeSource time, Attempts.Policy policy) {
    RegionCalls regions = new RegionCalls(new RegionCache(pd), links);
    this.pd = pd;
    this.policy = policy;
    this.transactions = new TxnCalls(regions);
    this.snapshot = new TikvSnapshot(regions, new LockResolver(transactions, time), policy);
  }

  /** The value of a raw key at {@code ts}. */
  public Optional<byte[]> get(byte[] key, Tso ts) throws InterruptedException {
    return snapshot.get(ByteString.copyFrom(key), ts).map(ByteString::toByteArray);
  }

  /** All pairs whose raw key begins with {@code prefix}, in key order. */
  public List<Map.Entry<byte[], byte[]>> scanPrefix(byte[] prefix, Tso ts, int pageSize)
      throws InterruptedException {
    List<Map.Entry<byte[], byte[]>> found = new ArrayList<>();
    PrefixScan scan = scan(ByteString.copyFrom(prefix), ts, pageSize);
    while (!scan.isDone()) {
      for (TikvSnapshot.Pair pair : scan.nextPage()) {
        found.add(Map.entry(pair.key().toByteArray(), pair.value().toByteArray()));
      }
    }
    return found;
  }

  PrefixScan scan(ByteString prefix, Tso ts, int pageSize) {
    return new PrefixScan(snapshot, readers, prefix, ts, pageSize);
  }

  /** For one page; ends when there has been none to read for a minute. */
  private static Thread readerThread(Runnable work) {
    Thread thread = new Thread(work, "cluster-scan");
    thread.setDaemon(true);
    return thread;
  }

  TxnCalls transactions() {
    return transactions;
  }

  TikvSnapshot snapshot() {
    return snapshot;
  }

  PdClient pd() {
    return pd;
  }

  Attempts begin(String what) {
    return policy.begin(what);
  }
}
