package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.util.Optional;
import org.tidbbinlog.pump.storage.proof.ProofEntry;

/**
 * Which bytes of the value log were acknowledged by processes before this one, as far as the data
 * directory says. In doubt they were not: a group torn by a power cut may have a hole with whole
 * records behind it, and an original Pump appends behind a torn tail.
 */
final class AcknowledgedBefore implements DamagedStretches.Acknowledged {
  private final Disk disk;
  private final ValueLog values;
  private final long openedAt;
  private final long ownFrom;
  private final long ownTo;

  AcknowledgedBefore(Disk disk, ValueLog values, StoreState state, StoreSettings settings) {
    this.disk = disk;
    this.values = values;
    this.openedAt = values.end();
    this.ownFrom = state.ownFrom() < 0 ? openedAt : state.ownFrom();
    int last = LogPointer.segment(openedAt);
    // Only the last group may be unforced; without forces, all of the last segment.
    long unforced =
        settings.syncLog() == StoreSettings.SyncLog.ON ? settings.groupBytes() : Long.MAX_VALUE;
    long certain = LogPointer.of(last, Math.max(0, LogPointer.offset(openedAt) - unforced));
    this.ownTo = Math.max(certain, state.verifiedTo());
  }

  /** Where what the keeper of the saved state wrote begins. */
  long ownFrom() {
    return ownFrom;
  }

  @Override
  public boolean at(long pointer) {
    return pointer >= openedAt || (pointer >= ownFrom && pointer < ownTo) || isProved(pointer);
  }

  /** Signed by the process that had acknowledged it, not found by a later one. */
  private boolean isProved(long pointer) {
    Optional<ValueSegment> segment = values.segment(LogPointer.segment(pointer));
    if (segment.isEmpty()) {
      return false;
    }
    try {
      Optional<ProofFile.Content> proof = ProofFile.read(disk, segment.get().id());
      return proof.isPresent()
          && proof.get().header().fingerprint() == segment.get().fingerprint()
          && isProved(proof.get(), LogPointer.offset(pointer));
    } catch (IOException e) {
      // A proof that is there and cannot be read speaks for the record.
      return true;
    }
  }

  private static boolean isProved(ProofFile.Content proof, long offset) {
    long from = 0;
    for (ProofEntry entry : proof.entries()) {
      if (offset >= from && offset < entry.endOffset()) {
        return entry.forced() && !entry.late();
      }
      from = entry.endOffset();
    }
    return false;
  }
}
