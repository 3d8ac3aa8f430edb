package org.tidbbinlog.pump.server;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeListing;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.pump.storage.SegmentInfo;

/**
 * What may be collected now, and who holds back what. Pure arithmetic over what the registry and
 * the store say.
 *
 * @param byTime mark that age alone allows
 * @param bySize mark that the bound on size asks for; zero = none
 * @param safe the smallest checkpoint of Drainers that are not offline; {@link Tso#MAX} without any
 * @param forced up to here data goes whatever Drainers say; zero = never
 */
record RetentionPlan(
    Tso byTime,
    Tso bySize,
    Tso safe,
    Tso forced,
    List<Holder> drainers,
    List<SegmentInfo> segments) {

  RetentionPlan {
    drainers = List.copyOf(drainers);
    segments = List.copyOf(segments);
  }

  /**
   * A consumer.
   *
   * @param nodeId the whole key when its entry in the registry cannot be read
   * @param state as the registry spells it, or {@value #UNREADABLE}
   * @param heldBytes value log that would go but for it
   */
  record Holder(String nodeId, String state, Tso checkpoint, long heldBytes) {
    static final String UNREADABLE = "unreadable";
  }

  /**
   * Puts the plan together.
   *
   * @param newest largest commit timestamp there is: the bound on size asks for a mark below it
   * @param maxBytes of value log; zero = no bound
   * @param drainers all there are; one whose entry cannot be read may need everything
   */
  static RetentionPlan of(
      Tso byTime,
      Tso forced,
      Tso newest,
      long maxBytes,
      NodeListing drainers,
      List<SegmentInfo> segments) {
    Tso below = newest.isZero() ? Tso.ZERO : new Tso(newest.value() - 1);
    Tso bySize = markForSize(maxBytes, below, segments);
    Tso wanted = byTime.max(bySize);
    List<Holder> holders = holders(drainers, wanted, segments);
    Tso safe = holders.stream().map(Holder::checkpoint).min(Tso::compareTo).orElse(Tso.MAX);
    return new RetentionPlan(byTime, bySize, safe, forced, holders, segments);
  }

  private static List<Holder> holders(
      NodeListing drainers, Tso wanted, List<SegmentInfo> segments) {
    List<Holder> holders = new ArrayList<>();
    for (NodeStatus drainer : drainers.nodes()) {
      if (drainer.state() != NodeState.OFFLINE) {
        Tso checkpoint = drainer.maxCommitTs();
        long held = bytesBetween(checkpoint, wanted, segments);
        holders.add(new Holder(drainer.nodeId(), drainer.state().text(), checkpoint, held));
      }
    }
    for (String key : drainers.unreadable()) {
      long held = bytesBetween(Tso.ZERO, wanted, segments);
      holders.add(new Holder(key, Holder.UNREADABLE, Tso.ZERO, held));
    }
    return holders;
  }

  /**
   * The smallest mark that frees what can be freed of the oldest files until no more than {@code
   * maxBytes} are left; the newest file always stays. A file that a long transaction still needs,
   * and what comes after it, stays too: a mark at that transaction's end would take far more than
   * the bound asks for, and one that frees nothing would only refuse readers what is still there.
   */
  private static Tso markForSize(long maxBytes, Tso below, List<SegmentInfo> segments) {
    long bytes = segments.stream().mapToLong(SegmentInfo::bytes).sum();
    Tso enough = Tso.ZERO;
    for (SegmentInfo segment : segments) {
      if (maxBytes == 0 || bytes <= maxBytes || !segment.finished()) {
        break;
      }
      bytes -= segment.bytes();
      enough = enough.max(segment.oldAt());
    }
    Tso mark = Tso.ZERO;
    for (SegmentInfo segment : segments) {
      if (segment.goesAt().isAfter(enough.min(below))) {
        break;
      }
      mark = mark.max(segment.goesAt());
    }
    return mark;
  }

  private static long bytesBetween(Tso checkpoint, Tso wanted, List<SegmentInfo> segments) {
    return segments.stream()
        .filter(SegmentInfo::finished)
        .filter(segment -> segment.goesAt().isAfter(checkpoint))
        .filter(segment -> !segment.goesAt().isAfter(wanted))
        .mapToLong(SegmentInfo::bytes)
        .sum();
  }

  /** What age or size ask for, Drainers left aside. */
  Tso wanted() {
    return byTime.max(bySize);
  }

  /** How far collection goes (I8); zero when a Drainer has not consumed anything yet. */
  Tso target() {
    return wanted().min(safe).max(wanted().min(forced));
  }

  boolean isHeldBack() {
    return target().isBefore(wanted());
  }

  /** Node ID of the Drainer with the smallest checkpoint; empty when nobody holds anything back. */
  String heldBy() {
    Optional<Holder> slowest =
        isHeldBack()
            ? drainers.stream().min(Comparator.comparing(Holder::checkpoint))
            : Optional.empty();
    return slowest.map(Holder::nodeId).orElse("");
  }

  long storedBytes() {
    return segments.stream().mapToLong(SegmentInfo::bytes).sum();
  }
}
