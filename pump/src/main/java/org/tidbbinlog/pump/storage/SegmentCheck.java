package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.base.Tso;

/**
 * Reads one segment from end to end: frames, CRCs, what the payloads are, the footer, and the
 * proof. Changes nothing and opens files for reading only, so it works beside a Pump and without
 * one. Used once, by one thread.
 */
final class SegmentCheck {
  private static final int MOST_DAMAGES = 1000;
  private static final int PACE_BYTES = 256 << 10;
  private static final String HOLE = "no whole record here, or its CRC does not match";

  private final int id;
  private final Disk.DiskFile file;
  private final long size;
  private final Optional<ProofFile.Content> proof;
  private final Optional<ProofCheck> chain;
  private final BinlogFields fields = new BinlogFields();
  private final List<Damage> damages = new ArrayList<>();
  private final List<Damage> awaitingNext = new ArrayList<>();
  private long records;
  private long prewrites;
  private long commits;
  private long heartbeats;
  private long others;
  private long firstTs;
  private long lastTs;
  private long maxTs;
  private long maxOfBoth;
  private long goodEnd;
  private long tsBeforeStretch;
  private long tsBeforeRecord;

  private SegmentCheck(int id, Disk.DiskFile file, Optional<ProofFile.Content> proof)
      throws IOException {
    this.id = id;
    this.file = file;
    this.size = file.size();
    this.proof = proof.filter(content -> isOfThis(content, file));
    this.chain = this.proof.map(content -> new ProofCheck(file, content));
    if (proof.isPresent() && this.proof.isEmpty()) {
      damage(0, Frame.HEADER_BYTES, "not the segment that its proof was made for");
    }
  }

  private boolean isOfThis(ProofFile.Content content, Disk.DiskFile opened) {
    try {
      return content.header().segment() == id
          && content.header().fingerprint() == new ValueSegment(id, opened).fingerprint();
    } catch (IOException e) {
      return false;
    }
  }

  /** What may follow the segment. */
  enum Place {
    /** Another segment: this one has to be whole. */
    INNER,
    /** Nothing: its end may be torn, or just being written. */
    LAST
  }

  /**
   * Reads a segment.
   *
   * @param id of the segment; its proof is read before the segment itself, which may be growing
   */
  static SegmentReport run(Disk disk, int id, Place place, ScrubPace pace)
      throws IOException, InterruptedException {
    Optional<ProofFile.Content> proof = ProofFile.read(disk, id);
    try (Disk.DiskFile file = disk.openExisting(ValueSegment.fileName(id))) {
      return new SegmentCheck(id, file, proof).read(place, pace);
    }
  }

  private SegmentReport read(Place place, ScrubPace pace) throws IOException, InterruptedException {
    SegmentScan scan = new SegmentScan(id, file, 0, size, SegmentScan.Check.CRC);
    long paced = 0;
    while (scan.next()) {
      if (scan.offset() > goodEnd) {
        damage(goodEnd, scan.offset() - goodEnd, HOLE);
      }
      checkChain(scan.offset());
      take(scan);
      goodEnd = scan.lastValidEnd();
      if (goodEnd - paced >= PACE_BYTES) {
        pace.read(goodEnd - paced);
        paced = goodEnd;
      }
    }
    pace.read(size - paced);
    checkChain(goodEnd);
    long tailBytes = size - goodEnd;
    boolean finished = checkEnd();
    if (finished) {
      tailBytes = 0;
    } else if (tailBytes > 0 && (place == Place.INNER || goodEnd < forcedTo())) {
      damage(goodEnd, tailBytes, HOLE);
      tailBytes = 0;
    }
    checkChain(Long.MAX_VALUE);
    damages.addAll(awaitingNext);
    return report(finished, tailBytes);
  }

  private long forcedTo() {
    return proof.map(ProofFile.Content::forcedTo).orElse(0L);
  }

  /** Whether there is a footer; also a damaged stretch may lie before it. */
  private boolean checkEnd() throws IOException {
    Optional<Long> footer =
        size - goodEnd >= Frame.FOOTER_BYTES ? Frame.readFooter(file, size) : Optional.empty();
    if (footer.isEmpty()) {
      return false;
    }
    long end = size - Frame.FOOTER_BYTES;
    if (end > goodEnd) {
      damage(goodEnd, end - goodEnd, HOLE);
    } else if (damages.isEmpty()
        && awaitingNext.isEmpty()
        && footer.get() != maxTs
        && footer.get() != maxOfBoth) {
      damage(
          end,
          Frame.FOOTER_BYTES,
          "footer says largest ts "
              + Long.toUnsignedString(footer.get())
              + ", the records say "
              + Long.toUnsignedString(maxTs));
    }
    return true;
  }

  private void checkChain(long offset) throws IOException {
    if (chain.isEmpty()) {
      return;
    }
    ProofCheck check = chain.get();
    while (check.isDue(offset)) {
      Optional<ProofCheck.Broken> broken = check.check(offset);
      if (broken.isPresent()) {
        ProofCheck.Broken found = broken.get();
        String what =
            found.to() > size
                ? "the file is shorter than what was signed at "
                : "the records are not the ones that were signed at ";
        damage(
            found.from(),
            found.to() - found.from(),
            what + found.signed().at() + ": removed, reordered or altered",
            tsBeforeStretch);
      }
      tsBeforeStretch = tsBeforeRecord;
    }
  }

  private void take(SegmentScan scan) {
    records++;
    long ts = 0;
    try {
      fields.read(scan.payload());
      ts = fields.ts();
      count();
      maxTs = larger(maxTs, ts);
      maxOfBoth = larger(maxOfBoth, larger(fields.startTs(), fields.commitTs()));
    } catch (InvalidRecordException e) {
      others++;
      damage(
          scan.offset(),
          scan.position() - scan.offset(),
          "CRC matches, but the payload is no Binlog: " + e.getMessage());
    }
    if (ts != 0) {
      firstTs = firstTs == 0 ? ts : firstTs;
      settleNext(ts);
      lastTs = ts;
    }
    tsBeforeRecord = lastTs;
  }

  private void count() {
    if (fields.isFake()) {
      heartbeats++;
    } else if (fields.isPrewrite()) {
      prewrites++;
    } else if (fields.kind() == BinlogFields.COMMIT) {
      commits++;
    } else {
      others++;
    }
  }

  private static long larger(long one, long two) {
    return Long.compareUnsigned(one, two) >= 0 ? one : two;
  }

  private void damage(long offset, long bytes, String what) {
    damage(offset, bytes, what, lastTs);
  }

  /** The record after it is not known yet. */
  private void damage(long offset, long bytes, String what, long before) {
    if (damages.size() + awaitingNext.size() < MOST_DAMAGES) {
      awaitingNext.add(
          new Damage(ValueSegment.fileName(id), offset, bytes, what, new Tso(before), Tso.ZERO));
    }
  }

  private void settleNext(long ts) {
    for (Damage each : awaitingNext) {
      damages.add(
          new Damage(
              each.file(), each.offset(), each.bytes(), each.what(), each.before(), new Tso(ts)));
    }
    awaitingNext.clear();
  }

  /** A crash tore a group that nobody had acknowledged, and left a later record of it whole. */
  private boolean isRemnant(Damage damage) {
    return damage.what().equals(HOLE)
        && chain.filter(check -> check.wasFoundSo(damage)).isPresent();
  }

  private SegmentReport report(boolean finished, long tailBytes) {
    SegmentReport.Proof state = SegmentReport.Proof.NONE;
    if (proof.isPresent()) {
      state =
          proof.get().seal().isPresent() ? SegmentReport.Proof.SEALED : SegmentReport.Proof.OPEN;
    }
    return new SegmentReport(
        ValueSegment.fileName(id),
        id,
        size,
        records,
        prewrites,
        commits,
        heartbeats,
        others,
        new Tso(firstTs),
        new Tso(maxTs),
        finished,
        tailBytes,
        state,
        chain.map(ProofCheck::provedTo).orElse(0L),
        chain.map(ProofCheck::lateBytes).orElse(0L),
        chain.map(check -> check.value().toString()).orElse(""),
        damages.stream().filter(damage -> !isRemnant(damage)).toList(),
        damages.stream().filter(this::isRemnant).toList());
  }
}
