package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.pump.storage.proof.ChainValue;
import org.tidbbinlog.pump.storage.proof.ProofEntry;

/**
 * Checks a data directory from outside, ours or an original Pump's, while a Pump runs on it or not.
 * Takes no lock and opens nothing for writing. Segments are read one by one in log order, so that
 * the caller can show how far it is; what concerns more than one segment comes at the end.
 */
public final class LogInspection {
  private static final Pattern SEGMENT_FILE = Pattern.compile("(\\d{6,9})\\.vlog");

  private final Disk disk;
  private final Optional<StoreState> state;
  private final NavigableSet<Integer> ids = new TreeSet<>();
  private final List<SegmentReport> read = new ArrayList<>();
  private final Set<String> chainValues = new HashSet<>();
  private final long totalBytes;

  private LogInspection(Disk disk) throws IOException {
    this.disk = disk;
    DirectoryFormat.require(disk);
    // The state first: a Pump at work deletes segments after it has saved that they are gone.
    this.state = new StateFile(disk).load();
    for (String name : disk.list(ValueSegment.FOLDER)) {
      Matcher matcher = SEGMENT_FILE.matcher(name);
      if (matcher.matches()) {
        ids.add(Integer.parseInt(matcher.group(1)));
      }
    }
    long bytes = 0;
    for (int id : ids) {
      bytes += sizeOf(id);
    }
    this.totalBytes = bytes;
  }

  /**
   * Looks at what there is.
   *
   * @param dataDir what a Pump's {@code -data-dir} says
   * @throws OperatorException when it is no Pump's directory, or a newer version's
   */
  public static LogInspection open(Path dataDir) {
    try {
      Disk disk = new FileChannelDisk(dataDir);
      if (disk.list(ValueSegment.FOLDER).isEmpty()) {
        throw new OperatorException(
            dataDir
                + " has no value/NNNNNN.vlog: give the directory that a Pump's -data-dir names");
      }
      return new LogInspection(disk);
    } catch (IOException e) {
      throw new OperatorException(
          "read data directory " + dataDir + ": " + e + ": check its path and permissions", e);
    }
  }

  static LogInspection open(Disk disk) throws IOException {
    return new LogInspection(disk);
  }

  private long sizeOf(int id) throws IOException {
    try (Disk.DiskFile file = disk.openExisting(ValueSegment.fileName(id))) {
      return file.size();
    } catch (IOException e) {
      if (disk.exists(ValueSegment.fileName(id))) {
        throw e;
      }
      return 0;
    }
  }

  /** Ids of the segments, in log order. */
  public List<Integer> segments() {
    return List.copyOf(ids);
  }

  /** Of all segments' files, when this was opened. */
  public long totalBytes() {
    return totalBytes;
  }

  /** What was said to be garbage collected; zero when nothing, or nobody says. */
  public Tso gcTs() {
    return new Tso(state.map(StoreState::gcTs).orElse(0L));
  }

  /**
   * Reads one segment.
   *
   * @return empty when a running Pump collected it meanwhile
   */
  public Optional<SegmentReport> read(int id, ScrubPace pace) throws InterruptedException {
    boolean last = id == ids.last();
    try {
      SegmentReport report =
          SegmentCheck.run(
              disk, id, last ? SegmentCheck.Place.LAST : SegmentCheck.Place.INNER, pace);
      read.add(report);
      ProofFile.read(disk, id).ifPresent(this::remember);
      return Optional.of(report);
    } catch (IOException e) {
      if (isCollected(id)) {
        return Optional.empty();
      }
      throw new OperatorException("read " + ValueSegment.fileName(id) + ": " + e, e);
    }
  }

  private void remember(ProofFile.Content proof) {
    chainValues.add(proof.header().before().toString());
    proof.entries().stream().map(ProofEntry::value).forEach(v -> chainValues.add(v.toString()));
  }

  /** Whether the chain went through this value: one that was written down elsewhere before. */
  public boolean hasChainValue(String hex) {
    return chainValues.contains(hex);
  }

  /** A Pump that runs on the directory deletes whole segments from its beginning. */
  private boolean isCollected(int id) {
    try {
      return !disk.exists(ValueSegment.fileName(id));
    } catch (IOException e) {
      return false;
    }
  }

  // --- between segments ----------------------------------------------------------------------

  /** What is wrong with the log as a whole; when all segments were read. */
  public List<Damage> acrossSegments() {
    try {
      List<Damage> found = new ArrayList<>();
      missing(found);
      broken(found);
      return List.copyOf(found);
    } catch (IOException e) {
      throw new OperatorException("read proofs of " + disk.describe() + ": " + e, e);
    }
  }

  private void missing(List<Damage> found) throws IOException {
    Set<Integer> expected = new TreeSet<>();
    if (!ids.isEmpty()) {
      for (int id = ids.first(); id < ids.last(); id++) {
        expected.add(id);
      }
    }
    state.ifPresent(saved -> saved.segments().forEach(segment -> expected.add(segment.id())));
    for (int id : ProofFile.segments(disk)) {
      if (ids.isEmpty() || id > ids.last()) {
        expected.add(id);
      }
    }
    expected.removeAll(ids);
    for (int id : expected) {
      if (!disk.exists(ValueSegment.fileName(id)) && !isCollectedBefore(id)) {
        found.add(
            new Damage(
                ValueSegment.fileName(id), 0, 0, "segment is missing", maxTsBefore(id), Tso.ZERO));
      }
    }
  }

  /** A state saved since says that the log begins later. */
  private boolean isCollectedBefore(int id) throws IOException {
    return new StateFile(disk)
        .load()
        .filter(now -> !now.segments().isEmpty() && now.segments().get(0).id() > id)
        .isPresent();
  }

  private Tso maxTsBefore(int id) {
    return read.stream()
        .filter(report -> report.id() < id)
        .map(SegmentReport::maxTs)
        .reduce((one, two) -> two)
        .orElse(Tso.ZERO);
  }

  /** A chain that does not go on where the segment before ended. */
  private void broken(List<Damage> found) throws IOException {
    Optional<SegmentReport> before = Optional.empty();
    for (SegmentReport report : read) {
      Optional<ProofFile.Content> proof = ProofFile.read(disk, report.id());
      if (proof.isPresent() && before.isPresent()) {
        ChainValue from = proof.get().header().before();
        boolean follows = from.toString().equals(before.get().chain());
        boolean mayStart = from.isStart() && before.get().proof() == SegmentReport.Proof.NONE;
        if (!follows && !mayStart) {
          found.add(unchained(before.get(), report));
        }
      } else if (before.filter(b -> b.proof() == SegmentReport.Proof.SEALED).isPresent()
          && report.proof() == SegmentReport.Proof.NONE
          && report.finished()
          && ids.last() > report.id() + 1) {
        found.add(
            new Damage(
                report.file(),
                0,
                report.fileBytes(),
                "has no proof although the segment before it is sealed",
                before.get().maxTs(),
                report.firstTs()));
      }
      before = Optional.of(report);
    }
  }

  private static Damage unchained(SegmentReport before, SegmentReport report) {
    return new Damage(
        report.file(),
        0,
        0,
        before.proof() == SegmentReport.Proof.NONE
            ? "its chain goes on from a segment before it, whose proof is missing"
            : "its chain does not go on where " + before.file() + " ended",
        before.maxTs(),
        report.firstTs());
  }
}
