package org.tidbbinlog.testkit.etcd;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.tidbbinlog.wire.etcd.Event;
import org.tidbbinlog.wire.etcd.KeyValue;

/**
 * Keys with etcd's revisions, and the changes since the last compaction. Every method takes the
 * store's own lock; watchers are called under it, in revision order. The change log is compacted by
 * itself beyond {@value #MAX_CHANGES} changes.
 */
public final class EtcdStore {
  private static final int MAX_CHANGES = 20_000;

  private final NavigableMap<ByteString, KeyValue> current =
      new TreeMap<>(ByteString.unsignedLexicographicalComparator());
  private final Deque<Change> changes = new ArrayDeque<>();
  private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
  private long revision = 1;
  private long compactRevision;
  private long writingRevision;
  private final List<Event> writing = new ArrayList<>();

  record Change(long revision, List<Event> events) {}

  /** Called under the store's lock after each revision. */
  interface Watcher {
    void onChange(Change change);
  }

  public synchronized long revision() {
    return revision;
  }

  public synchronized long compactRevision() {
    return compactRevision;
  }

  public synchronized Optional<KeyValue> get(ByteString key) {
    return Optional.ofNullable(current.get(key));
  }

  public Optional<KeyValue> get(String key) {
    return get(ByteString.copyFromUtf8(key));
  }

  /** All keys that begin with {@code prefix}, ascending. */
  public synchronized List<KeyValue> list(String prefix) {
    ByteString from = ByteString.copyFromUtf8(prefix);
    return current.tailMap(from, true).values().stream()
        .takeWhile(kv -> kv.getKey().startsWith(from))
        .toList();
  }

  public synchronized void put(String key, String value) {
    begin();
    put(ByteString.copyFromUtf8(key), ByteString.copyFromUtf8(value), 0);
    finish();
  }

  public synchronized void delete(String key) {
    begin();
    deleteKeys(List.of(ByteString.copyFromUtf8(key)));
    finish();
  }

  /** Forgets every change before {@code atRevision}, as an etcd compaction does. */
  public synchronized void compact(long atRevision) {
    compactRevision = Math.max(compactRevision, Math.min(atRevision, revision));
    while (!changes.isEmpty() && changes.getFirst().revision() < compactRevision) {
      changes.removeFirst();
    }
  }

  /** The live keys of etcd's range notation at the newest revision. */
  synchronized Collection<KeyValue> range(ByteString key, ByteString rangeEnd) {
    if (rangeEnd.isEmpty()) {
      KeyValue one = current.get(key);
      return one == null ? List.of() : List.of(one);
    }
    NavigableMap<ByteString, KeyValue> tail = current.tailMap(key, true);
    if (EtcdRange.isOpen(rangeEnd)) {
      return List.copyOf(tail.values());
    }
    return EtcdRange.isEmpty(key, rangeEnd)
        ? List.of()
        : List.copyOf(tail.headMap(rangeEnd, false).values());
  }

  /** Starts collecting the writes of one revision; the caller holds the lock until finish. */
  synchronized void begin() {
    writing.clear();
    writingRevision = revision + 1;
  }

  /** Publishes the collected writes, if there were any; answers the store's revision. */
  synchronized long finish() {
    if (!writing.isEmpty()) {
      revision = writingRevision;
      Change change = new Change(revision, List.copyOf(writing));
      writing.clear();
      changes.addLast(change);
      if (changes.size() > MAX_CHANGES) {
        compact(changes.getFirst().revision() + MAX_CHANGES / 2);
      }
      watchers.removeIf(watcher -> !tell(watcher, change));
    }
    return revision;
  }

  /** False when the watcher's stream is gone. */
  private static boolean tell(Watcher watcher, Change change) {
    try {
      watcher.onChange(change);
      return true;
    } catch (IllegalStateException | StatusRuntimeException streamIsClosed) {
      return false;
    }
  }

  synchronized Optional<KeyValue> put(ByteString key, ByteString value, long lease) {
    Optional<KeyValue> before = get(key);
    KeyValue after =
        KeyValue.newBuilder()
            .setKey(key)
            .setValue(value)
            .setLease(lease)
            .setModRevision(writingRevision)
            .setCreateRevision(before.map(KeyValue::getCreateRevision).orElse(writingRevision))
            .setVersion(before.map(KeyValue::getVersion).orElse(0L) + 1)
            .build();
    current.put(key, after);
    Event.Builder event = Event.newBuilder().setType(Event.EventType.PUT).setKv(after);
    before.ifPresent(event::setPrevKv);
    writing.add(event.build());
    return before;
  }

  synchronized List<KeyValue> deleteKeys(Collection<ByteString> keys) {
    List<KeyValue> gone = new ArrayList<>();
    for (ByteString key : keys) {
      KeyValue before = current.remove(key);
      if (before != null) {
        gone.add(before);
        writing.add(
            Event.newBuilder()
                .setType(Event.EventType.DELETE)
                .setKv(KeyValue.newBuilder().setKey(key).setModRevision(writingRevision))
                .setPrevKv(before)
                .build());
      }
    }
    return gone;
  }

  synchronized List<ByteString> keysOfLease(long lease) {
    return current.values().stream()
        .filter(kv -> kv.getLease() == lease)
        .map(KeyValue::getKey)
        .toList();
  }

  /** Replays the changes from {@code fromRevision} on, then every later one, without a gap. */
  synchronized void watch(long fromRevision, Watcher watcher) {
    if (fromRevision > 0) {
      for (Change change : changes) {
        if (change.revision() >= fromRevision) {
          watcher.onChange(change);
        }
      }
    }
    watchers.add(watcher);
  }

  synchronized void unwatch(Watcher watcher) {
    watchers.remove(watcher);
  }
}
