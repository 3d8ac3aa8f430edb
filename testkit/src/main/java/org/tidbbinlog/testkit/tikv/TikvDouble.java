package org.tidbbinlog.testkit.tikv;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.testkit.pd.Answering;
import org.tidbbinlog.testkit.pd.LoopbackPort;
import org.tidbbinlog.testkit.pd.SafePoints;
import org.tidbbinlog.testkit.pd.Topology;
import org.tidbbinlog.testkit.tikv.KeyVersions.Lock;
import org.tidbbinlog.testkit.tikv.KeyVersions.Write;
import org.tidbbinlog.wire.kv.Context;
import org.tidbbinlog.wire.kv.Op;
import org.tidbbinlog.wire.meta.Peer;
import org.tidbbinlog.wire.meta.Region;
import org.tidbbinlog.wire.meta.Store;
import org.tidbbinlog.wire.regionerror.Error;

/**
 * TiKV in this process: versions, locks and transactions of raw keys, cut into regions over some
 * stores, each store behind a real port. What TiDB would do to it is done by the methods here; what
 * a reader asks goes over the wire. Reads behind the GC safe point fail. Source: tikv-access.
 */
public final class TikvDouble implements AutoCloseable {
  private final SafePoints safePoints;
  private final MvccStore mvcc = new MvccStore();
  private final Regions regions;
  private final List<Server> servers = new ArrayList<>();
  private final AtomicReference<Answering> answering = new AtomicReference<>(Answering.NORMALLY);
  private final Map<TikvCall, AtomicLong> calls = new EnumMap<>(TikvCall.class);
  private Optional<RegionFault> nextFault = Optional.empty();
  private int faultsLeft;

  /** One store a port; 0 = any free port. */
  public static TikvDouble start(List<Integer> ports, SafePoints safePoints, Tls tls) {
    TikvDouble tikv = new TikvDouble(ports.size(), safePoints);
    for (int i = 0; i < ports.size(); i++) {
      tikv.servers.add(tikv.serve(i + 1L, ports.get(i), tls));
    }
    return tikv;
  }

  private TikvDouble(int stores, SafePoints safePoints) {
    this.safePoints = safePoints;
    this.regions = new Regions(stores);
    for (TikvCall call : TikvCall.values()) {
      calls.put(call, new AtomicLong());
    }
  }

  /** A meta key gets a value at {@code commitTs}, committed. */
  public void putMeta(byte[] key, byte[] value, Tso commitTs) {
    write(key, Op.Put, before(commitTs), commitTs, ByteString.copyFrom(value));
  }

  /** A meta key disappears at {@code commitTs}. */
  public void deleteMeta(byte[] key, Tso commitTs) {
    write(key, Op.Del, before(commitTs), commitTs, ByteString.EMPTY);
  }

  /** The value that a reader would see at {@code ts}. */
  public Optional<byte[]> valueAt(byte[] key, Tso ts) {
    return mvcc.read(ByteString.copyFrom(key), ts).value().map(ByteString::toByteArray);
  }

  /**
   * The transaction's primary is locked: it is in the middle of its two phases. It puts no value,
   * so that nothing of it stays once it is older than the GC safe point.
   */
  public void lockTransaction(Tso startTs, byte[] primaryKey, Duration ttl) {
    ByteString primary = ByteString.copyFrom(primaryKey);
    mvcc.lock(primary, new Lock(Op.Lock, startTs, primary, ByteString.EMPTY, ttl.toMillis()));
  }

  /** Any key is locked for a transaction that would put {@code value}. */
  public void lockKey(Tso startTs, byte[] key, byte[] primaryKey, byte[] value, Duration ttl) {
    mvcc.lock(
        ByteString.copyFrom(key),
        new Lock(
            Op.Put,
            startTs,
            ByteString.copyFrom(primaryKey),
            ByteString.copyFrom(value),
            ttl.toMillis()));
  }

  /** The primary is committed; a lock of the transaction on it becomes its value. */
  public void commitTransaction(Tso startTs, Tso commitTs, byte[] primaryKey) {
    mvcc.commit(ByteString.copyFrom(primaryKey), startTs, commitTs);
  }

  /** The primary carries a rollback record; on top of a commit at that timestamp, its mark. */
  public void rollbackTransaction(Tso startTs, byte[] primaryKey) {
    mvcc.rollback(ByteString.copyFrom(primaryKey), startTs);
  }

  /** The region that holds the key is cut in two there. */
  public void splitAt(byte[] key) {
    regions.splitAt(ByteString.copyFrom(key));
  }

  /** The region that holds the key is led by another store from now on (stores count from 1). */
  public void moveLeader(byte[] key, long store) {
    regions.moveLeader(ByteString.copyFrom(key), store);
  }

  /** The next {@code times} calls are answered with this region error. */
  public synchronized void failNext(RegionFault fault, int times) {
    nextFault = Optional.of(fault);
    faultsLeft = times;
  }

  public void answer(Answering mode) {
    answering.set(mode);
  }

  /**
   * Drops every version that no read at or after the GC safe point can see. The point moves up to
   * {@code wanted} as far as no service safe point holds it back.
   */
  public void collectGarbage(Tso wanted) {
    mvcc.collect(safePoints.collectUpTo(wanted));
  }

  /** Refuses every read before {@code at}: all that is known is the newest snapshot. */
  public void knowOnlyFrom(Tso at) {
    safePoints.force(at);
  }

  /** How often a call was answered, region errors included. */
  public long calls(TikvCall call) {
    return count(call, 0);
  }

  /** Number of keys with any version or lock. */
  public int keyCount() {
    return mvcc.size();
  }

  public List<String> addresses() {
    return servers.stream().map(server -> "127.0.0.1:" + server.getPort()).toList();
  }

  /** How PD sees regions and stores. */
  public Topology topology() {
    return new Topology() {
      @Override
      public Placed regionOf(ByteString encodedKey) {
        Map.Entry<Region, Peer> placed = regions.placed(EncodedKey.decode(encodedKey));
        return new Placed(placed.getKey(), placed.getValue());
      }

      @Override
      public List<Store> stores() {
        List<String> addresses = addresses();
        return IntStream.range(0, addresses.size())
            .mapToObj(i -> Store.newBuilder().setId(i + 1L).setAddress(addresses.get(i)).build())
            .toList();
      }
    };
  }

  @Override
  public void close() {
    servers.forEach(Server::shutdownNow);
    for (Server server : servers) {
      try {
        if (!server.awaitTermination(5, TimeUnit.SECONDS)) {
          throw new IllegalStateException("TiKV double does not stop");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  MvccStore mvcc() {
    return mvcc;
  }

  Regions regions() {
    return regions;
  }

  Tso safePoint() {
    return safePoints.gcSafePoint();
  }

  void count(TikvCall call) {
    count(call, 1);
  }

  /** A region error that was ordered, or that the request deserves. */
  Optional<Error> fault(Context context, long store) {
    synchronized (this) {
      if (nextFault.isPresent() && faultsLeft > 0) {
        faultsLeft--;
        return Optional.of(nextFault.get().error(context.getRegionId()));
      }
    }
    return regions.refusal(context, store);
  }

  private long count(TikvCall call, long more) {
    AtomicLong counter = calls.get(call);
    return counter == null ? 0 : counter.addAndGet(more);
  }

  private void write(byte[] key, Op type, Tso startTs, Tso commitTs, ByteString value) {
    mvcc.write(ByteString.copyFrom(key), new Write(type, startTs, commitTs, value, false));
  }

  private static Tso before(Tso commitTs) {
    return new Tso(commitTs.value() - 1);
  }

  private Server serve(long store, int port, Tls tls) {
    try {
      return LoopbackPort.builder(port, tls, answering)
          .addService(new TikvService(this, store))
          .build()
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException("TiKV double cannot listen on 127.0.0.1:" + port, e);
    }
  }
}
