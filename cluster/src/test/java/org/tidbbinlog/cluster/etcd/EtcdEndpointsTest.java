package org.tidbbinlog.cluster.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tidbbinlog.cluster.TestLinks;
import org.tidbbinlog.cluster.etcd.EtcdEndpoints.Failure;
import org.tidbbinlog.cluster.net.Links;

final class EtcdEndpointsTest {
  private List<String> knownToPd = List.of("a:1", "b:1");

  @Test
  void membersThatAllMoved_areFoundThroughWhatPdKnows() {
    try (Links links = TestLinks.open()) {
      EtcdEndpoints endpoints = new EtcdEndpoints(List.of("a:1", "b:1"), () -> knownToPd, links);
      endpoints.members(List.of("a:1", "b:1"));
      knownToPd = List.of("c:1", "d:1");
      endpoints.failed("a:1", Failure.ERROR);
      endpoints.failed("b:1", Failure.ERROR);
      assertThat(endpoints.address()).isEqualTo("c:1");

      endpoints.members(List.of("c:1", "d:1"));
      assertThat(endpoints.address()).isEqualTo("c:1");
      assertThat(endpoints.all()).containsExactly("c:1", "d:1", "a:1", "b:1");
    }
  }

  @Test
  void failureThatSomebodyElseMet_doesNotSkipAMember() {
    try (Links links = TestLinks.open()) {
      EtcdEndpoints endpoints = new EtcdEndpoints(List.of("a:1", "b:1"), List::of, links);
      endpoints.failed("a:1", Failure.ERROR);
      endpoints.failed("a:1", Failure.ERROR);
      assertThat(endpoints.address()).isEqualTo("b:1");
    }
  }
}
