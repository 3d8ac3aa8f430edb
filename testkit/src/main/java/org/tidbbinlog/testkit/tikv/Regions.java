package org.tidbbinlog.testkit.tikv;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.tidbbinlog.wire.kv.Context;
import org.tidbbinlog.wire.meta.Peer;
import org.tidbbinlog.wire.meta.Region;
import org.tidbbinlog.wire.meta.RegionEpoch;
import org.tidbbinlog.wire.regionerror.EpochNotMatch;
import org.tidbbinlog.wire.regionerror.Error;
import org.tidbbinlog.wire.regionerror.KeyNotInRegion;
import org.tidbbinlog.wire.regionerror.NotLeader;
import org.tidbbinlog.wire.regionerror.RegionNotFound;
import org.tidbbinlog.wire.regionerror.StoreNotMatch;

/** The cut of the raw key space into regions, each with a peer on every store and one leader. */
final class Regions {
  private final int stores;
  private final NavigableMap<ByteString, Cut> byStart = new TreeMap<>(MvccStore.KEY_ORDER);
  private long nextId = 2;

  /** One region in raw keys. */
  record Cut(long id, ByteString start, ByteString end, long version, long leaderStore) {
    boolean holds(ByteString key) {
      return MvccStore.KEY_ORDER.compare(start, key) <= 0
          && (end.isEmpty() || MvccStore.KEY_ORDER.compare(key, end) < 0);
    }
  }

  Regions(int stores) {
    this.stores = stores;
    byStart.put(ByteString.EMPTY, new Cut(nextId++, ByteString.EMPTY, ByteString.EMPTY, 1, 1));
  }

  synchronized Cut of(ByteString rawKey) {
    return byStart.floorEntry(rawKey).getValue();
  }

  synchronized List<Cut> all() {
    return new ArrayList<>(byStart.values());
  }

  synchronized void splitAt(ByteString rawKey) {
    Cut old = of(rawKey);
    if (old.start().equals(rawKey)) {
      return;
    }
    long version = old.version() + 1;
    byStart.put(old.start(), new Cut(old.id(), old.start(), rawKey, version, old.leaderStore()));
    byStart.put(rawKey, new Cut(nextId++, rawKey, old.end(), version, old.leaderStore()));
  }

  synchronized void moveLeader(ByteString rawKey, long store) {
    Cut old = of(rawKey);
    byStart.put(old.start(), new Cut(old.id(), old.start(), old.end(), old.version(), store));
  }

  /** What a store answers to a request that names this region, when it cannot serve it. */
  synchronized Optional<Error> refusal(Context context, long store) {
    Optional<Cut> named =
        byStart.values().stream().filter(cut -> cut.id() == context.getRegionId()).findFirst();
    if (context.getPeer().getStoreId() != store) {
      return Optional.of(
          Error.newBuilder()
              .setMessage("store not match")
              .setStoreNotMatch(
                  StoreNotMatch.newBuilder()
                      .setRequestStoreId(context.getPeer().getStoreId())
                      .setActualStoreId(store))
              .build());
    }
    if (named.isEmpty()) {
      return Optional.of(
          Error.newBuilder()
              .setMessage("region not found")
              .setRegionNotFound(RegionNotFound.newBuilder().setRegionId(context.getRegionId()))
              .build());
    }
    Cut cut = named.get();
    if (cut.leaderStore() != store) {
      return Optional.of(
          Error.newBuilder()
              .setMessage("not leader")
              .setNotLeader(
                  NotLeader.newBuilder()
                      .setRegionId(cut.id())
                      .setLeader(peer(cut, cut.leaderStore())))
              .build());
    }
    if (context.getRegionEpoch().getVersion() != cut.version()) {
      return Optional.of(
          Error.newBuilder()
              .setMessage("epoch not match")
              .setEpochNotMatch(EpochNotMatch.newBuilder().addCurrentRegions(region(cut)))
              .build());
    }
    return Optional.empty();
  }

  /** Set when {@code rawKey} lies outside the region that the request names. */
  synchronized Optional<Error> misplaced(Context context, ByteString rawKey) {
    Cut cut = of(rawKey);
    return cut.id() == context.getRegionId()
        ? Optional.empty()
        : Optional.of(
            Error.newBuilder()
                .setMessage("key is not in region")
                .setKeyNotInRegion(
                    KeyNotInRegion.newBuilder().setKey(rawKey).setRegionId(context.getRegionId()))
                .build());
  }

  synchronized Cut named(Context context) {
    return byStart.values().stream()
        .filter(cut -> cut.id() == context.getRegionId())
        .findFirst()
        .orElseThrow();
  }

  /** The region as PD tells it, boundaries in comparable-bytes form. */
  Region region(Cut cut) {
    Region.Builder region =
        Region.newBuilder()
            .setId(cut.id())
            .setStartKey(cut.start().isEmpty() ? cut.start() : EncodedKey.of(cut.start()))
            .setEndKey(cut.end().isEmpty() ? cut.end() : EncodedKey.of(cut.end()))
            .setRegionEpoch(RegionEpoch.newBuilder().setConfVer(1).setVersion(cut.version()));
    for (long store = 1; store <= stores; store++) {
      region.addPeers(peer(cut, store));
    }
    return region.build();
  }

  Peer peer(Cut cut, long store) {
    return Peer.newBuilder().setId(cut.id() * 100 + store).setStoreId(store).build();
  }

  synchronized Map.Entry<Region, Peer> placed(ByteString rawKey) {
    Cut cut = of(rawKey);
    return Map.entry(region(cut), peer(cut, cut.leaderStore()));
  }
}
