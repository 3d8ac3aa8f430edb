package org.tidbbinlog.cluster.tikv;

import com.google.protobuf.ByteString;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.cluster.net.Attempts;
import org.tidbbinlog.cluster.pd.PdClient;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.bytes.ComparableBytes;
import org.tidbbinlog.wire.kv.Context;
import org.tidbbinlog.wire.meta.Peer;
import org.tidbbinlog.wire.meta.Region;

/**
 * Which store leads the region of a key. Kept until a store contradicts; boundaries are in
 * comparable-bytes form, as PD keeps them. Bounded by the number of regions touched, which for meta
 * keys and binlog primaries is dropped whole beyond {@value #MAX_REGIONS}. Safe for many threads.
 */
final class RegionCache {
  private static final int MAX_REGIONS = 50_000;
  private static final Comparator<ByteString> ORDER =
      ByteString.unsignedLexicographicalComparator();

  private final PdClient pd;
  private final NavigableMap<ByteString, Located> byStart = new TreeMap<>(ORDER);
  private final Map<Long, String> storeAddresses = new HashMap<>();

  /** A region with the peer to ask. */
  record Located(Region region, Peer leader) {
    Context context() {
      return Context.newBuilder()
          .setRegionId(region.getId())
          .setRegionEpoch(region.getRegionEpoch())
          .setPeer(leader)
          .build();
    }

    boolean holds(ByteString encodedKey) {
      return ORDER.compare(region.getStartKey(), encodedKey) <= 0
          && (region.getEndKey().isEmpty() || ORDER.compare(encodedKey, region.getEndKey()) < 0);
    }

    /** The first raw key behind the region; empty when there is none. */
    Optional<ByteString> rawEnd() {
      return region.getEndKey().isEmpty()
          ? Optional.empty()
          : Optional.of(
              ByteString.copyFrom(
                  ComparableBytes.decode(ByteCursor.over(region.getEndKey().toByteArray()))));
    }
  }

  RegionCache(PdClient pd) {
    this.pd = pd;
  }

  Located locate(ByteString rawKey, Attempts attempts) throws InterruptedException {
    ByteString key = ByteString.copyFrom(ComparableBytes.encode(rawKey.toByteArray()));
    synchronized (this) {
      Map.Entry<ByteString, Located> near = byStart.floorEntry(key);
      if (near != null && near.getValue().holds(key)) {
        return near.getValue();
      }
    }
    PdClient.PlacedRegion placed = pd.region(key);
    while (placed.region().getId() == 0 || placed.leader().getStoreId() == 0) {
      attempts.pause(new RetryableException("PD knows no leader for the region of a key"));
      placed = pd.region(key);
    }
    Located fresh = new Located(placed.region(), placed.leader());
    remember(fresh);
    return fresh;
  }

  private synchronized void remember(Located fresh) {
    if (byStart.size() >= MAX_REGIONS) {
      byStart.clear();
    }
    byStart.put(fresh.region().getStartKey(), fresh);
  }

  /** Forgets a region, so that the next use asks PD. */
  synchronized void forget(Located located) {
    byStart.remove(located.region().getStartKey(), located);
  }

  /** A store said who leads. */
  synchronized void leaderIs(Located located, Peer leader) {
    byStart.replace(located.region().getStartKey(), located, new Located(located.region(), leader));
  }

  String addressOf(long storeId) throws InterruptedException {
    synchronized (this) {
      String known = storeAddresses.get(storeId);
      if (known != null) {
        return known;
      }
    }
    String address = pd.store(storeId).getAddress();
    synchronized (this) {
      storeAddresses.put(storeId, address);
    }
    return address;
  }

  /** The store did not answer at its address: it may have moved. */
  synchronized void forgetStore(long storeId) {
    storeAddresses.remove(storeId);
  }
}
