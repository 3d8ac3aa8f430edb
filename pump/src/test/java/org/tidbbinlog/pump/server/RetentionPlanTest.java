package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeListing;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.pump.storage.SegmentInfo;

final class RetentionPlanTest {
  private static final long HOUR_MS = 3_600_000;
  private static final long MB = 1_000_000;

  private static Tso hour(long hour) {
    return Tso.of(hour * HOUR_MS, 0);
  }

  /** Ten files of 100 MB, one for each hour; the last is still written. */
  private static List<SegmentInfo> tenFiles() {
    List<SegmentInfo> files = new ArrayList<>();
    for (int i = 1; i <= 10; i++) {
      files.add(new SegmentInfo(i, "value/" + i, 100 * MB, hour(i), hour(i), i < 10));
    }
    return files;
  }

  private static NodeStatus drainer(String id, NodeState state, Tso checkpoint) {
    return new NodeStatus(NodeKind.DRAINER, id, "h:1", state, checkpoint, checkpoint);
  }

  private static RetentionPlan plan(long maxBytes, Tso forced, NodeStatus... drainers) {
    return RetentionPlan.of(
        hour(2), forced, hour(20), maxBytes, NodeListing.of(List.of(drainers)), tenFiles());
  }

  @Test
  void withoutBoundOnSize_ageDecides() {
    assertThat(plan(0, Tso.ZERO).target()).isEqualTo(hour(2));
  }

  @Test
  void boundOnSize_takesTheOldestFilesUntilItFits() {
    RetentionPlan plan = plan(650 * MB, Tso.ZERO);
    assertThat(plan.target()).isEqualTo(tenFiles().get(3).goesAt());
    assertThat(plan.target()).isGreaterThan(hour(4)).isLessThan(hour(5));
  }

  @Test
  void boundOnSize_neverTakesTheFileThatIsWritten() {
    assertThat(plan(1, Tso.ZERO).target()).isEqualTo(tenFiles().get(8).goesAt());
  }

  @Test
  void boundOnSize_stopsAtTheSlowestDrainer_andSaysWhoHoldsWhat() {
    RetentionPlan plan =
        plan(
            450 * MB,
            Tso.ZERO,
            drainer("quick", NodeState.ONLINE, hour(10)),
            drainer("slow", NodeState.PAUSED, hour(3)));
    assertThat(plan.target()).isEqualTo(hour(3));
    assertThat(plan.isHeldBack()).isTrue();
    assertThat(plan.heldBy()).isEqualTo("slow");
    assertThat(plan.drainers())
        .extracting(RetentionPlan.Holder::heldBytes)
        .containsExactly(0L, 400 * MB);
  }

  @Test
  void boundOnSize_asksForAMarkThatCollectionAccepts() {
    Tso newest = Tso.of(hour(4).physicalMs() + 1000, 0);
    RetentionPlan plan =
        RetentionPlan.of(hour(2), Tso.ZERO, newest, 1, NodeListing.of(List.of()), tenFiles());
    assertThat(plan.target()).isLessThan(newest).isEqualTo(tenFiles().get(2).goesAt());
  }

  @Test
  void boundOnSize_doesNotGoOnToTheEndOfALongTransaction() {
    List<SegmentInfo> files = tenFiles();
    files.set(2, new SegmentInfo(3, "value/3", 100 * MB, hour(3), hour(9), true));
    NodeListing nobody = NodeListing.of(List.of());
    RetentionPlan plan = RetentionPlan.of(Tso.ZERO, Tso.ZERO, hour(20), 650 * MB, nobody, files);
    assertThat(plan.target())
        .as("the third file stays, and what follows it")
        .isEqualTo(files.get(1).goesAt());

    files.set(0, new SegmentInfo(1, "value/1", 100 * MB, hour(1), hour(9), true));
    RetentionPlan pinned = RetentionPlan.of(Tso.ZERO, Tso.ZERO, hour(20), 650 * MB, nobody, files);
    assertThat(pinned.target()).as("a mark that frees nothing").isEqualTo(Tso.ZERO);
  }

  @Test
  void boundOnSize_isNotAskedForWhileTheFilesAreYoung() {
    Tso newest = Tso.of(hour(1).physicalMs() + 300_000, 0);
    RetentionPlan plan =
        RetentionPlan.of(Tso.ZERO, Tso.ZERO, newest, 1, NodeListing.of(List.of()), tenFiles());
    assertThat(plan.target()).as("ten minutes of slack").isEqualTo(Tso.ZERO);
  }

  @Test
  void drainerWithAnUnreadableEntry_mayNeedEverything() {
    NodeListing drainers =
        new NodeListing(
            List.of(drainer("quick", NodeState.ONLINE, hour(10))), List.of("/drainers/broken"));
    RetentionPlan plan = RetentionPlan.of(hour(5), Tso.ZERO, hour(20), 0, drainers, tenFiles());
    assertThat(plan.target()).isEqualTo(Tso.ZERO);
    assertThat(plan.heldBy()).isEqualTo("/drainers/broken");
    assertThat(plan.drainers())
        .extracting(RetentionPlan.Holder::state)
        .containsExactly("online", "unreadable");
  }

  @Test
  void hardCap_isTheOnlyThingThatPassesADrainer() {
    NodeStatus slow = drainer("slow", NodeState.ONLINE, hour(1));
    assertThat(plan(450 * MB, hour(3), slow).target()).isEqualTo(hour(3));
    assertThat(plan(450 * MB, Tso.ZERO, slow).target()).isEqualTo(hour(1));
  }

  @Test
  void drainerThatConsumedNothing_keepsEverything() {
    assertThat(plan(1, Tso.ZERO, drainer("new", NodeState.ONLINE, Tso.ZERO)).target())
        .isEqualTo(Tso.ZERO);
  }
}
