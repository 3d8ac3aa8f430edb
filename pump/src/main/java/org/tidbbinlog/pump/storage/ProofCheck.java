package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.pump.storage.proof.ChainHash;
import org.tidbbinlog.pump.storage.proof.ChainValue;
import org.tidbbinlog.pump.storage.proof.ProofEntry;

/**
 * Holds a segment's bytes against its proof, a little behind the scan that reads its records. After
 * a stretch that does not match it goes on from the value that was signed, so that each stretch is
 * judged by itself. Owned by one thread.
 */
final class ProofCheck {
  private final Disk.DiskFile file;
  private final Iterator<ProofEntry> entries;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(256 << 10);
  private final List<Late> late = new ArrayList<>();
  private Optional<ProofEntry> due;
  private ChainHash hash;
  private ChainValue value;
  private long hashedTo;
  private long provedTo;
  private long lateBytes;

  ProofCheck(Disk.DiskFile file, ProofFile.Content proof) {
    this.file = file;
    this.entries = proof.entries().iterator();
    this.value = proof.header().before();
    this.hash = new ChainHash(value);
    this.due = following();
  }

  /** Bytes that were signed after a restart as they were then, and are so still. */
  private record Late(long from, long to) {}

  /** A stretch that is not what was signed. */
  record Broken(long from, long to, ProofEntry signed) {}

  private Optional<ProofEntry> following() {
    return entries.hasNext() ? Optional.of(entries.next()) : Optional.empty();
  }

  /** Whether a stretch ends at or before {@code offset}. */
  boolean isDue(long offset) {
    return due.filter(entry -> entry.endOffset() <= offset).isPresent();
  }

  /** Checks the next stretch, when one ends at or before {@code offset}. */
  Optional<Broken> check(long offset) throws IOException {
    if (!isDue(offset)) {
      return Optional.empty();
    }
    ProofEntry entry = due.orElseThrow();
    long from = hashedTo;
    boolean whole = hash(entry.endOffset());
    value = whole ? hash.endStretch() : ChainValue.START;
    boolean sound = value.equals(entry.value());
    if (!sound) {
      value = entry.value();
      hash = new ChainHash(value);
    }
    hashedTo = entry.endOffset();
    provedTo = entry.endOffset();
    if (entry.late()) {
      lateBytes += entry.endOffset() - from;
      if (sound) {
        noteLate(from, entry.endOffset());
      }
    }
    due = following();
    return sound ? Optional.empty() : Optional.of(new Broken(from, entry.endOffset(), entry));
  }

  private void noteLate(long from, long to) {
    boolean follows = !late.isEmpty() && late.get(late.size() - 1).to() == from;
    late.add(new Late(follows ? late.remove(late.size() - 1).from() : from, to));
  }

  /** Whether it was found like this by the start after a crash, before it was signed. */
  boolean wasFoundSo(Damage damage) {
    long to = damage.offset() + damage.bytes();
    return late.stream().anyMatch(each -> each.from() <= damage.offset() && to <= each.to());
  }

  private boolean hash(long to) throws IOException {
    while (hashedTo < to) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), to - hashedTo));
      int count = file.read(buffer, hashedTo);
      if (count == 0) {
        return false;
      }
      hash.update(buffer.flip());
      hashedTo += count;
    }
    return true;
  }

  /** The first entry that was not reached: the file is shorter than it says. */
  Optional<ProofEntry> missing() {
    return due;
  }

  /** The chain at the end of what was checked. */
  ChainValue value() {
    return value;
  }

  long provedTo() {
    return provedTo;
  }

  long lateBytes() {
    return lateBytes;
  }
}
