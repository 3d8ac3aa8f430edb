package org.tidbbinlog.pump.server;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.base.Tso;
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
   * @param heldBytes value log that would go but for it
   */
  record Holder(String nodeId, NodeState state, Tso checkpoint, long heldBytes) {}

  /**
   * Puts the plan together.
   *
   * @param newest largest commit timestamp there is: the bound on size asks for a mark below it
   * @param maxBytes of value log; zero = no bound
   * @param drainers that are not offline
   */
  static RetentionPlan of(
      Tso byTime,
      Tso forced,
      Tso newest,
      long maxBytes,
      List<NodeStatus> drainers,
      List<SegmentInfo> segments) {
    Tso below = newest.isZero() ? Tso.ZERO : new Tso(newest.value() - 1);
    Tso bySize = markForSize(maxBytes, segments).min(below);
    Tso wanted = byTime.max(bySize);
    List<Holder> holders =
        drainers.stream()
            .map(
                drainer ->
                    new Holder(
                        drainer.nodeId(),
                        drainer.state(),
                        drainer.maxCommitTs(),
                        bytesBetween(drainer.maxCommitTs(), wanted, segments)))
            .toList();
    Tso safe = holders.stream().map(Holder::checkpoint).min(Tso::compareTo).orElse(Tso.MAX);
    return new RetentionPlan(byTime, bySize, safe, forced, holders, segments);
  }

  /** The smallest mark that leaves no more than {@code maxBytes}; the newest file always stays. */
  private static Tso markForSize(long maxBytes, List<SegmentInfo> segments) {
    long bytes = segments.stream().mapToLong(SegmentInfo::bytes).sum();
    Tso mark = Tso.ZERO;
    for (SegmentInfo segment : segments) {
      if (maxBytes == 0 || bytes <= maxBytes || !segment.finished()) {
        break;
      }
      bytes -= segment.bytes();
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
