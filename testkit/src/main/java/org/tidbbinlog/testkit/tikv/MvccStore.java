package org.tidbbinlog.testkit.tikv;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.testkit.tikv.KeyVersions.Lock;
import org.tidbbinlog.testkit.tikv.KeyVersions.Write;
import org.tidbbinlog.wire.kv.Action;
import org.tidbbinlog.wire.kv.Op;

/** The versions of all keys, in raw key order; one lock around each call. */
final class MvccStore {
  static final Comparator<ByteString> KEY_ORDER = ByteString.unsignedLexicographicalComparator();

  private final NavigableMap<ByteString, KeyVersions> keys = new TreeMap<>(KEY_ORDER);

  /** A read of one key: a lock in the way, or a value, or neither. */
  record Read(ByteString key, Optional<Lock> lock, Optional<ByteString> value) {}

  /** Answer of a transaction status check. Exactly one of the three meanings holds. */
  record Status(Tso commitTs, long lockTtlMs, Action action, Optional<Lock> lock) {
    static final Status ROLLED_BACK = new Status(Tso.ZERO, 0, Action.NoAction, Optional.empty());
  }

  synchronized Read read(ByteString key, Tso version) {
    KeyVersions known = keys.get(key);
    return known == null
        ? new Read(key, Optional.empty(), Optional.empty())
        : new Read(key, known.lockAgainst(version), known.valueAt(version));
  }

  /** Reads of existing keys in [from, to); an empty {@code to} is the end of everything. */
  synchronized List<Read> scan(
      ByteString from, ByteString to, Tso version, int limit, Direction direction) {
    NavigableMap<ByteString, KeyVersions> part = keys.tailMap(from, true);
    if (!to.isEmpty()) {
      if (KEY_ORDER.compare(from, to) >= 0) {
        return List.of();
      }
      part = part.headMap(to, false);
    }
    // By iterator: a stream would count the whole range first, page after page.
    List<Read> found = new ArrayList<>();
    NavigableMap<ByteString, KeyVersions> inOrder =
        direction == Direction.BACKWARD ? part.descendingMap() : part;
    for (Map.Entry<ByteString, KeyVersions> entry : inOrder.entrySet()) {
      if (found.size() == limit) {
        break;
      }
      KeyVersions versions = entry.getValue();
      Read read =
          new Read(entry.getKey(), versions.lockAgainst(version), versions.valueAt(version));
      if (read.lock().isPresent() || read.value().isPresent()) {
        found.add(read);
      }
    }
    return found;
  }

  enum Direction {
    FORWARD,
    BACKWARD
  }

  synchronized void write(ByteString key, Write write) {
    at(key).write(write);
  }

  synchronized void lock(ByteString key, Lock lock) {
    at(key).lock(lock);
  }

  /** The whole record of a key. */
  synchronized Optional<KeyVersions> versions(ByteString key) {
    return Optional.ofNullable(keys.get(key));
  }

  /**
   * Commits at {@code commitTs} what the transaction locked on this key, or writes a lock record.
   */
  synchronized void commit(ByteString key, Tso startTs, Tso commitTs) {
    KeyVersions versions = at(key);
    Op type = Op.Lock;
    ByteString value = ByteString.EMPTY;
    Optional<Lock> own = versions.lock().filter(lock -> lock.startTs().equals(startTs));
    if (own.isPresent()) {
      type = own.get().type();
      value = own.get().value();
    }
    versions.write(new Write(type, startTs, commitTs, value, false));
    versions.unlock(startTs);
  }

  synchronized void rollback(ByteString key, Tso startTs) {
    KeyVersions versions = at(key);
    versions.write(new Write(Op.Rollback, startTs, startTs, ByteString.EMPTY, false));
    versions.unlock(startTs);
  }

  /** Ends every lock of the transaction in [from, to): commit, or rollback when commitTs is 0. */
  synchronized void resolve(ByteString from, ByteString to, Tso startTs, Tso commitTs) {
    List<ByteString> locked =
        keys.tailMap(from, true).entrySet().stream()
            .takeWhile(e -> to.isEmpty() || KEY_ORDER.compare(e.getKey(), to) < 0)
            .filter(e -> e.getValue().lock().filter(l -> l.startTs().equals(startTs)).isPresent())
            .map(Map.Entry::getKey)
            .toList();
    for (ByteString key : locked) {
      resolveKey(key, startTs, commitTs);
    }
  }

  synchronized void resolveKey(ByteString key, Tso startTs, Tso commitTs) {
    KeyVersions known = keys.get(key);
    if (known == null || known.lock().filter(l -> l.startTs().equals(startTs)).isEmpty()) {
      return;
    }
    if (commitTs.isZero()) {
      rollback(key, startTs);
    } else {
      commit(key, startTs, commitTs);
    }
  }

  /**
   * As TiKV's CheckTxnStatus; empty = there is no trace of the transaction and none was planted.
   */
  synchronized Optional<Status> check(
      ByteString primary, Tso startTs, Tso now, IfUnknown ifUnknown) {
    KeyVersions versions = at(primary);
    Optional<Lock> own = versions.lock().filter(lock -> lock.startTs().equals(startTs));
    if (own.isPresent()) {
      if (!own.get().isExpired(now)) {
        return Optional.of(new Status(Tso.ZERO, own.get().ttlMs(), Action.MinCommitTSPushed, own));
      }
      rollback(primary, startTs);
      return Optional.of(new Status(Tso.ZERO, 0, Action.TTLExpireRollback, Optional.empty()));
    }
    Optional<Write> write = versions.writeOf(startTs);
    if (write.isPresent()) {
      return write.get().type() == Op.Rollback
          ? Optional.of(Status.ROLLED_BACK)
          : Optional.of(new Status(write.get().commitTs(), 0, Action.NoAction, Optional.empty()));
    }
    if (versions.hasOverlappedRollback(startTs)) {
      return Optional.of(Status.ROLLED_BACK);
    }
    if (ifUnknown == IfUnknown.SAY_SO) {
      return Optional.empty();
    }
    rollback(primary, startTs);
    return Optional.of(new Status(Tso.ZERO, 0, Action.LockNotExistRollback, Optional.empty()));
  }

  enum IfUnknown {
    PLANT_ROLLBACK,
    SAY_SO
  }

  synchronized void collect(Tso safePoint) {
    keys.values().removeIf(versions -> versions.collect(safePoint));
  }

  synchronized int size() {
    return keys.size();
  }

  private KeyVersions at(ByteString key) {
    return keys.computeIfAbsent(key, k -> new KeyVersions());
  }
}
