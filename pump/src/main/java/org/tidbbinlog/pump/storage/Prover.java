package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.pump.storage.proof.ChainHash;
import org.tidbbinlog.pump.storage.proof.ChainValue;
import org.tidbbinlog.pump.storage.proof.ProofEntry;
import org.tidbbinlog.pump.storage.proof.ProofHeader;

/**
 * Follows the value log behind the writer and keeps the chain over it, in a {@link ProofFile}
 * beside each segment. Reads what is published, mostly from the page cache, so that nobody waits
 * for it and the write path has no second force. After a crash it goes on from the last entry that
 * is whole. {@link #step} and {@link #finish} belong to one thread at a time, {@code pump-prove-1}
 * in life.
 */
final class Prover {
  private static final int READ_BYTES = 512 << 10;
  private static final int MOST_STRETCH_BYTES = 4 << 20;
  private static final long FINISH_BYTES = 64L << 20;

  /** Anchors between full stretches, so rare that a proof stays below a thousandth of its log. */
  private static final long EARLY_ANCHOR_NS = Duration.ofSeconds(10).toNanos();

  private static final long EARLY_ANCHOR_BYTES = 64 << 10;
  private static final long IDLE_ANCHOR_NS = Duration.ofMinutes(10).toNanos();
  private static final Logger LOG = LoggerFactory.getLogger(Prover.class);

  private final Disk disk;
  private final ValueLog values;
  private final StoreSettings settings;
  private final Clock clock;
  private final long stretchBytes;
  private final long openedAt;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
  private Optional<Chain> chain = Optional.empty();
  private volatile ProofStatus status = ProofStatus.NONE;
  private volatile List<String> putAside = List.of();

  /** One segment's chain as far as it is. */
  private static final class Chain {
    final ValueSegment segment;
    final ProofFile file;
    final ChainHash hash;
    ChainValue value;
    long anchoredTo;
    long hashedTo;
    long anchoredNs;

    Chain(ValueSegment segment, ProofFile file, ChainValue value, long anchoredTo, long nowNs) {
      this.segment = segment;
      this.file = file;
      this.value = value;
      this.hash = new ChainHash(value);
      this.anchoredTo = anchoredTo;
      this.hashedTo = anchoredTo;
      this.anchoredNs = nowNs;
    }
  }

  Prover(Disk disk, ValueLog values, StoreSettings settings, Clock clock) {
    this.disk = disk;
    this.values = values;
    this.settings = settings;
    this.clock = clock;
    this.stretchBytes = Math.min(MOST_STRETCH_BYTES, settings.checkpointBytes());
    this.openedAt = values.end();
  }

  /** One stretch; false when there was nothing to do. After an exception it begins again. */
  synchronized boolean step() throws IOException {
    try {
      if (chain.isEmpty()) {
        chain = begin();
      }
      return chain.isPresent() && advance(chain.get());
    } catch (IOException | RuntimeException | Error e) {
      drop();
      throw e;
    }
  }

  private boolean advance(Chain now) throws IOException {
    boolean finished = now.segment.isFinished();
    long end = now.segment.end();
    long from = now.hashedTo;
    long to = Math.min(end, now.anchoredTo + stretchBytes);
    hash(now, to);
    if (finished && to == end) {
      seal(now);
      return true;
    }
    if (to > now.anchoredTo && isAnchorDue(now, to - now.anchoredTo)) {
      append(now, ProofEntry.Kind.ANCHOR);
    }
    return to > from;
  }

  private boolean isAnchorDue(Chain now, long bytes) {
    long sinceNs = clock.nanoTime() - now.anchoredNs;
    return bytes == stretchBytes
        || (sinceNs >= EARLY_ANCHOR_NS && bytes >= EARLY_ANCHOR_BYTES)
        || sinceNs >= IDLE_ANCHOR_NS;
  }

  private void hash(Chain now, long to) throws IOException {
    while (now.hashedTo < to) {
      buffer.clear().limit((int) Math.min(READ_BYTES, to - now.hashedTo));
      int count = now.segment.file().read(buffer, now.hashedTo);
      if (count == 0) {
        throw new IOException(now.segment.name() + " ends before " + to);
      }
      now.hash.update(buffer.flip());
      now.hashedTo += count;
    }
  }

  private void append(Chain now, ProofEntry.Kind kind) throws IOException {
    boolean late = LogPointer.of(now.segment.id(), now.anchoredTo) < openedAt;
    now.value = now.hash.endStretch();
    now.file.append(
        new ProofEntry(
            kind,
            now.hashedTo,
            now.value,
            settings.syncLog() == StoreSettings.SyncLog.ON,
            late,
            clock.now().toEpochMilli()));
    now.anchoredTo = now.hashedTo;
    now.anchoredNs = clock.nanoTime();
    status = new ProofStatus(now.segment.id(), now.anchoredTo, now.value.toString(), List.of());
  }

  private void seal(Chain now) throws IOException {
    append(now, ProofEntry.Kind.SEAL);
    now.file.force(disk);
    LOG.atInfo()
        .addKeyValue("file", now.segment.name())
        .addKeyValue("bytes", now.anchoredTo)
        .addKeyValue("chain", now.value)
        .log("segment sealed");
    ChainValue seal = now.value;
    drop();
    chain = follow(now.segment.id() + 1, seal);
  }

  // --- where to go on ------------------------------------------------------------------------

  /** Empty while there is nothing to chain. */
  private Optional<Chain> begin() throws IOException {
    putAside = ProofFile.putAside(disk);
    NavigableSet<Integer> proofs = ProofFile.segments(disk);
    forgetStrays(proofs);
    while (!proofs.isEmpty()) {
      Optional<ProofFile.Content> newest = ProofFile.read(disk, proofs.last());
      if (newest.isPresent()) {
        return goOn(newest.get());
      }
      putAside(proofs.pollLast());
    }
    // What was there before there were proofs stays as it is, but for the segment that goes on.
    Optional<ValueSegment> first = values.segmentFrom(LogPointer.segment(openedAt));
    return first.isEmpty() ? Optional.empty() : follow(first.get().id(), ChainValue.START);
  }

  /** It may still tell a person what was signed; one that has no header yet never told anything. */
  private void putAside(int id) throws IOException {
    if (ProofFile.isBare(disk, id)) {
      disk.delete(ProofFile.fileName(id));
      return;
    }
    String aside = ProofFile.putAside(disk, id);
    putAside = ProofFile.putAside(disk);
    LOG.atError()
        .addKeyValue("file", ProofFile.fileName(id))
        .addKeyValue("renamedTo", aside)
        .log("proof unreadable: what it signed can no longer be checked");
  }

  /** Proofs of segments that were collected, or that a crash without forces took away. */
  private void forgetStrays(NavigableSet<Integer> proofs) throws IOException {
    while (!proofs.isEmpty() && values.segment(proofs.last()).isEmpty()) {
      disk.delete(ProofFile.fileName(proofs.pollLast()));
    }
    while (!proofs.isEmpty() && values.segment(proofs.first()).isEmpty()) {
      disk.delete(ProofFile.fileName(proofs.pollFirst()));
    }
  }

  private Optional<Chain> goOn(ProofFile.Content proof) throws IOException {
    int id = proof.header().segment();
    Optional<ValueSegment> found = values.segment(id);
    if (found.isEmpty()) {
      // Collected meanwhile.
      return Optional.empty();
    }
    ValueSegment segment = found.get();
    if (segment.fingerprint() != proof.header().fingerprint()) {
      LOG.atError()
          .addKeyValue("file", ProofFile.fileName(id))
          .log("proof belongs to another value log, a new chain begins");
      return follow(id, ChainValue.START);
    }
    if (proof.seal().isPresent()) {
      ProofEntry seal = proof.seal().get();
      status = new ProofStatus(id, seal.endOffset(), seal.value().toString(), List.of());
      return follow(id + 1, seal.value());
    }
    ProofFile.Content kept = proof.upTo(segment.end());
    ChainValue value = kept.last().map(ProofEntry::value).orElse(kept.header().before());
    long anchoredTo = kept.last().map(ProofEntry::endOffset).orElse(0L);
    status = new ProofStatus(id, anchoredTo, value.toString(), List.of());
    return Optional.of(
        new Chain(segment, ProofFile.reopen(disk, kept), value, anchoredTo, clock.nanoTime()));
  }

  /** The chain of a segment that has none; empty while the segment has no record. */
  private Optional<Chain> follow(int id, ChainValue before) throws IOException {
    Optional<ValueSegment> segment = values.segment(id).filter(next -> next.end() > 0);
    if (segment.isEmpty()) {
      return Optional.empty();
    }
    ProofHeader header = new ProofHeader(id, segment.get().fingerprint(), before);
    return Optional.of(
        new Chain(segment.get(), ProofFile.create(disk, header), before, 0, clock.nanoTime()));
  }

  private void drop() {
    chain.ifPresent(
        now -> {
          try {
            now.file.close();
          } catch (IOException e) {
            LOG.atDebug().setCause(e).log("proof file not closed");
          }
        });
    chain = Optional.empty();
  }

  // --- the end -------------------------------------------------------------------------------

  /** Catches up as far as that is quick, and says where the log ended; before the log is closed. */
  synchronized void finish() throws IOException {
    long steps = Math.max(1, FINISH_BYTES / stretchBytes);
    while (steps > 0 && step()) {
      steps--;
    }
    if (chain.isPresent()) {
      Chain now = chain.get();
      if (now.hashedTo > now.anchoredTo) {
        append(now, ProofEntry.Kind.ANCHOR);
      }
      now.file.force(disk);
    }
    drop();
  }

  ProofStatus status() {
    return status.with(putAside);
  }

  /** Bytes of the value log the chain does not cover yet. */
  long lagBytes() {
    ProofStatus now = status;
    return values.bytesAfter(
        now.isNone() ? openedAt : LogPointer.of(now.segment(), now.provedTo()));
  }
}
