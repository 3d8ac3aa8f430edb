package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;

/**
 * Opens the value log after any kind of stop: finds the segments, believes the footers of finished
 * ones, scans what was not known to be good, and cuts off a torn tail. Reads no more than the
 * unfinished tail behind the saved state (architecture section 3).
 */
final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
  private static final Pattern SEGMENT_FILE = Pattern.compile("(\\d{6,9})\\.vlog");

  private final Disk disk;
  private final ValueLog log;
  private final List<DamagedStretch> damages = new ArrayList<>();
  private StoreState state;
  private boolean stateIsProved;
  private long skippedBytes;
  private long tornBytes;

  private Recovery(Disk disk, StoreSettings settings, StoreState state) {
    this.disk = disk;
    this.log = new ValueLog(disk, settings.segmentBytes());
    this.state = state;
  }

  /**
   * What opening found.
   *
   * @param state the saved state, or {@link StoreState#NONE} when it belongs to another log; and
   *     who wrote what, and holes that a crash left in what was never acknowledged
   * @param skippedBytes between records, not readable
   * @param tornBytes cut off behind the last record
   */
  record Outcome(
      ValueLog log,
      StoreState state,
      DamagedStretches.Acknowledged acknowledged,
      long skippedBytes,
      long tornBytes) {}

  static Outcome open(Disk disk, StoreSettings settings, Optional<StoreState> saved)
      throws IOException {
    Recovery recovery = new Recovery(disk, settings, saved.orElse(StoreState.NONE));
    recovery.run();
    AcknowledgedBefore acknowledged =
        new AcknowledgedBefore(disk, recovery.log, recovery.state, settings);
    return new Outcome(
        recovery.log,
        recovery.judged(acknowledged),
        acknowledged,
        recovery.skippedBytes,
        recovery.tornBytes);
  }

  /**
   * A hole in a torn group is remembered at once: later it would lie in the middle of what was
   * acknowledged. The others are met again by sorting, which knows what is around them.
   */
  private StoreState judged(AcknowledgedBefore acknowledged) {
    List<DamagedStretch> known = new ArrayList<>(state.damages());
    for (DamagedStretch found : damages) {
      boolean isNew = known.stream().allMatch(each -> each.pointer() != found.pointer());
      if (isNew && !acknowledged.at(found.pointer())) {
        known.add(found);
      }
    }
    return state.with(acknowledged.ownFrom(), known);
  }

  private void run() throws IOException {
    NavigableSet<Integer> ids = segmentIds();
    forgetForeignState(ids);
    requireListed(ids);
    leaveOutCollected(ids);
    requireAll(ids);
    if (!ids.isEmpty()) {
      // Killed between creating a segment and telling the disk its name: nobody has told it yet.
      disk.forceFolder(ValueSegment.FOLDER);
    }
    for (int id : ids) {
      ValueSegment segment = new ValueSegment(id, disk.openOrCreate(ValueSegment.fileName(id)));
      if (id == ids.last()) {
        recoverLast(segment);
      } else {
        recoverEarlier(segment);
      }
      state.segment(id).ifPresent(known -> segment.need(known.neededUntil()));
      log.adopt(segment);
    }
  }

  private NavigableSet<Integer> segmentIds() throws IOException {
    NavigableSet<Integer> ids = new TreeSet<>();
    for (String name : disk.list(ValueSegment.FOLDER)) {
      Matcher matcher = SEGMENT_FILE.matcher(name);
      if (matcher.matches()) {
        ids.add(Integer.parseInt(matcher.group(1)));
      } else {
        LOG.atWarn().addKeyValue("file", "value/" + name).log("file is no segment, ignored");
      }
    }
    return ids;
  }

  private void forgetForeignState(NavigableSet<Integer> ids) throws IOException {
    for (StoreState.Segment known : state.segments()) {
      if (known.fingerprint() == 0 || !ids.contains(known.id())) {
        continue;
      }
      try (Disk.DiskFile file = disk.openExisting(ValueSegment.fileName(known.id()))) {
        // One too short to tell is not another one, but one that lost what it had.
        boolean comparable = file.size() >= Frame.HEADER_BYTES;
        if (comparable && new ValueSegment(known.id(), file).fingerprint() != known.fingerprint()) {
          LOG.atWarn()
              .addKeyValue("file", ValueSegment.fileName(known.id()))
              .log("saved state belongs to another value log, not used");
          state = StoreState.NONE;
          return;
        }
        stateIsProved |= comparable;
      }
    }
  }

  private void requireListed(NavigableSet<Integer> ids) {
    for (StoreState.Segment known : state.segments()) {
      if (!ids.contains(known.id())) {
        throw missing(known.id());
      }
    }
  }

  /**
   * Segments below the first one the state knows were being deleted when the process ended. Deleted
   * only where a file proves that the state is of this log: else they may be all there is.
   */
  private void leaveOutCollected(NavigableSet<Integer> ids) throws IOException {
    if (state.segments().isEmpty()) {
      return;
    }
    int firstKept = state.segments().get(0).id();
    while (!ids.isEmpty() && ids.first() < firstKept) {
      int collected = ids.pollFirst();
      if (stateIsProved) {
        disk.delete(ValueSegment.fileName(collected));
        disk.delete(ProofFile.fileName(collected));
      } else {
        LOG.atWarn()
            .addKeyValue("file", ValueSegment.fileName(collected))
            .log("segment is older than the saved state's first one, left alone");
      }
    }
  }

  private void requireAll(NavigableSet<Integer> ids) throws IOException {
    for (int id : ids) {
      if (id != ids.first() && !ids.contains(id - 1)) {
        throw missing(id - 1);
      }
    }
    for (int id : ProofFile.segments(disk)) {
      boolean isBehind = ids.isEmpty() || id > ids.last();
      if (isBehind && ProofFile.read(disk, id).filter(proof -> proof.forcedTo() > 0).isPresent()) {
        throw missing(id);
      }
    }
  }

  private OperatorException missing(int id) {
    return new OperatorException(
        "value log segment "
            + ValueSegment.fileName(id)
            + " is missing in "
            + disk.describe()
            + ": put the file back, or start this Pump on an empty -data-dir and resynchronise"
            + " what only it held");
  }

  private void recoverEarlier(ValueSegment segment) throws IOException {
    long size = segment.file().size();
    long acknowledged = acknowledgedTo(segment);
    if (size < acknowledged) {
      throw tooShort(segment, size, acknowledged);
    }
    Optional<Long> footer = Frame.readFooter(segment.file(), size);
    if (footer.isPresent()) {
      segment.extend(size - Frame.FOOTER_BYTES, footer.get());
    } else {
      scan(segment, 0, size, 0);
      segment.extend(size, segment.maxTs());
    }
    segment.finish();
  }

  private void recoverLast(ValueSegment segment) throws IOException {
    long size = segment.file().size();
    long from = 0;
    long maxTs = 0;
    if (LogPointer.segment(state.verifiedTo()) == segment.id()) {
      from = LogPointer.offset(state.verifiedTo());
      maxTs = state.verifiedMaxTs();
    }
    if (from > size) {
      throw tooShort(segment, size, from);
    }
    Optional<Long> footer = Frame.readFooter(segment.file(), size);
    long validEnd = scan(segment, from, size, maxTs);
    long acknowledged = acknowledgedTo(segment);
    if (validEnd < acknowledged) {
      throw tooShort(segment, validEnd, acknowledged);
    }
    if (footer.isPresent() && validEnd == size - Frame.FOOTER_BYTES) {
      segment.finish();
      return;
    }
    if (validEnd < size) {
      tornBytes += size - validEnd;
      LOG.atWarn()
          .addKeyValue("file", segment.name())
          .addKeyValue("offset", validEnd)
          .addKeyValue("bytes", size - validEnd)
          .log("torn tail cut off");
      segment.file().truncate(validEnd);
    }
    if (from < size) {
      // A killed process may have left in the kernel's memory what it never forced.
      segment.file().force();
    }
  }

  /** What the segment's proof saw acknowledged and forced; 0 when it speaks of another segment. */
  private long acknowledgedTo(ValueSegment segment) throws IOException {
    Optional<ProofFile.Content> proof = ProofFile.read(disk, segment.id());
    if (proof.isEmpty() || segment.file().size() < Frame.HEADER_BYTES) {
      return proof.map(ProofFile.Content::forcedTo).orElse(0L);
    }
    boolean isOfThis = proof.get().header().fingerprint() == segment.fingerprint();
    return isOfThis ? proof.get().forcedTo() : 0;
  }

  private OperatorException tooShort(ValueSegment segment, long found, long acknowledged) {
    return new OperatorException(
        segment.name()
            + " in "
            + disk.describe()
            + " has records up to byte "
            + found
            + ", but "
            + acknowledged
            + " were acknowledged: put the whole file back, or start this Pump on an empty"
            + " -data-dir and resynchronise what only it held");
  }

  /** Reads all records of a stretch; leaves the segment's end after the last good one. */
  private long scan(ValueSegment segment, long from, long size, long maxTsBefore)
      throws IOException {
    SegmentScan scan =
        new SegmentScan(segment.id(), segment.file(), from, size, SegmentScan.Check.CRC);
    BinlogFields fields = new BinlogFields();
    long maxTs = maxTsBefore;
    long skippedBefore = 0;
    for (long at = from; scan.next(); at = scan.position()) {
      long ts = tsOf(fields, scan.payload());
      maxTs = Long.compareUnsigned(ts, maxTs) > 0 ? ts : maxTs;
      if (scan.skippedBytes() > skippedBefore) {
        long bytes = scan.skippedBytes() - skippedBefore;
        LOG.atError()
            .addKeyValue("file", segment.name())
            .addKeyValue("offset", at)
            .addKeyValue("bytes", bytes)
            .log("damaged stretch of the value log skipped");
        damages.add(
            new DamagedStretch(
                segment.id(), at, bytes, DamagedStretch.Kind.TORN, Tso.ZERO, Tso.ZERO));
        skippedBytes += bytes;
        skippedBefore = scan.skippedBytes();
      }
    }
    segment.extend(scan.lastValidEnd(), maxTs);
    return scan.lastValidEnd();
  }

  private static long tsOf(BinlogFields fields, ByteBuffer payload) {
    try {
      return fields.read(payload).ts();
    } catch (InvalidRecordException e) {
      // An original Pump stored what it could decode; what we cannot decode has no timestamp.
      return 0;
    }
  }
}
