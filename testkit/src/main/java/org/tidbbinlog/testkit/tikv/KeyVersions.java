package org.tidbbinlog.testkit.tikv;

import com.google.protobuf.ByteString;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.wire.kv.Op;

/** All that is known of one key: its lock and its write records, newest first. */
final class KeyVersions {
  /** One write record, filed under its commit timestamp (a rollback: under its start timestamp). */
  record Write(Op type, Tso startTs, Tso commitTs, ByteString value, boolean overlappedRollback) {
    Write withOverlappedRollback() {
      return new Write(type, startTs, commitTs, value, true);
    }
  }

  /** A lock that a two-phase commit left on the key. */
  record Lock(Op type, Tso startTs, ByteString primary, ByteString value, long ttlMs) {
    boolean isExpired(Tso now) {
      return startTs.physicalMs() + ttlMs < now.physicalMs();
    }
  }

  private final TreeMap<Tso, Write> writes = new TreeMap<>(Comparator.reverseOrder());
  private @Nullable Lock lock;

  Optional<Lock> lock() {
    return Optional.ofNullable(lock);
  }

  void lock(Lock newLock) {
    lock = newLock;
  }

  void unlock(Tso startTs) {
    if (lock != null && lock.startTs().equals(startTs)) {
      lock = null;
    }
  }

  Collection<Write> writes() {
    return writes.values();
  }

  void write(Write write) {
    writes.merge(write.commitTs(), write, KeyVersions::overlap);
  }

  private static Write overlap(Write old, Write fresh) {
    if (fresh.type() == Op.Rollback) {
      return old.type() == Op.Rollback ? old : old.withOverlappedRollback();
    }
    return old.type() == Op.Rollback ? fresh.withOverlappedRollback() : fresh;
  }

  /** The transaction's own record: its commit, or its rollback. */
  Optional<Write> writeOf(Tso startTs) {
    return writes.values().stream().filter(write -> write.startTs().equals(startTs)).findFirst();
  }

  /** Whether a commit record of another transaction carries the rollback mark of this one. */
  boolean hasOverlappedRollback(Tso startTs) {
    Write write = writes.get(startTs);
    return write != null && write.overlappedRollback();
  }

  /** The lock in the way of a read at {@code version}. */
  Optional<Lock> lockAgainst(Tso version) {
    return lock()
        .filter(held -> !held.startTs().isAfter(version))
        .filter(held -> held.type() == Op.Put || held.type() == Op.Del);
  }

  /** The value at {@code version}; empty when absent or deleted. */
  Optional<ByteString> valueAt(Tso version) {
    return writes.tailMap(version, true).values().stream()
        .filter(write -> write.type() == Op.Put || write.type() == Op.Del)
        .findFirst()
        .filter(write -> write.type() == Op.Put)
        .map(Write::value);
  }

  /** Forgets what no read at or after {@code safePoint} can see; true when nothing is left. */
  boolean collect(Tso safePoint) {
    boolean visibleSeen = false;
    var it = writes.tailMap(safePoint, true).values().iterator();
    while (it.hasNext()) {
      Write write = it.next();
      boolean keeps = !visibleSeen && write.type() == Op.Put;
      visibleSeen |= write.type() == Op.Put || write.type() == Op.Del;
      if (!keeps) {
        it.remove();
      }
    }
    return writes.isEmpty() && lock == null;
  }
}
