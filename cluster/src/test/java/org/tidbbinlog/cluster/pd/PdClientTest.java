package org.tidbbinlog.cluster.pd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.TestLinks;
import org.tidbbinlog.cluster.net.Links;
import org.tidbbinlog.cluster.net.PdUrls;
import org.tidbbinlog.testkit.pd.PdDouble;
import org.tidbbinlog.wire.pd.GetMembersRequest;
import org.tidbbinlog.wire.pd.PDGrpc;
import org.tidbbinlog.wire.pd.RequestHeader;
import org.tidbbinlog.wire.pd.TsoRequest;
import org.tidbbinlog.wire.pd.TsoResponse;

@Timeout(60)
class PdClientTest {
  private final PdDouble pd = PdDouble.start(-5, List.of(0, 0), Clock.system());
  private final Links links = TestLinks.open();

  @AfterEach
  void close() {
    links.close();
    pd.close();
  }

  private PdClient discover(List<String> urls) throws InterruptedException {
    return discover(urls, Duration.ofSeconds(2));
  }

  private PdClient discover(List<String> urls, Duration limit) throws InterruptedException {
    return PdClient.discover(
        PdUrls.hostPorts(urls),
        links,
        TestLinks.policy(limit),
        new PdLimits(
            limit,
            Duration.ofSeconds(1),
            Duration.ofMillis(500),
            Duration.ofSeconds(2),
            Duration.ofSeconds(60)));
  }

  @Test
  @DisplayName("registry fact 10: GetMembers needs no cluster id, Tso with a wrong one fails")
  void pd_checksTheClusterIdOfAllButGetMembers() throws Exception {
    String leader = PdUrls.hostPort(pd.urls().get(0));
    assertThat(
            PDGrpc.newBlockingStub(links.to(leader))
                .getMembers(GetMembersRequest.getDefaultInstance())
                .getHeader()
                .getClusterId())
        .isEqualTo(-5);
    CompletableFuture<TsoResponse> reply = new CompletableFuture<>();
    StreamObserver<TsoRequest> requests = PDGrpc.newStub(links.to(leader)).tso(first(reply));
    requests.onNext(
        TsoRequest.newBuilder()
            .setHeader(RequestHeader.newBuilder().setClusterId(1))
            .setCount(1)
            .build());
    assertThatThrownBy(() -> reply.get(10, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION))
        .hasMessageContaining("mismatch cluster id");
  }

  private static StreamObserver<TsoResponse> first(CompletableFuture<TsoResponse> reply) {
    return new StreamObserver<>() {
      @Override
      public void onNext(TsoResponse response) {
        reply.complete(response);
      }

      @Override
      public void onError(Throwable failure) {
        reply.completeExceptionally(failure);
      }

      @Override
      public void onCompleted() {}
    };
  }

  @Test
  void discover_oneDeadAddress_isEnough() throws Exception {
    pd.stop(1);
    List<String> urls = List.of(pd.urls().get(1), pd.urls().get(0));
    PdClient client = discover(urls, Duration.ofSeconds(60));
    assertThat(client.clusterId()).isEqualTo(-5);
    assertThat(client.memberAddresses()).hasSize(2);
  }

  @Test
  void discover_membersOfTwoClusters_isTheOperatorsMistake() {
    try (PdDouble other = PdDouble.start(6, List.of(0), Clock.system())) {
      assertThatThrownBy(() -> discover(List.of(pd.urls().get(0), other.urls().get(0))))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("belongs to cluster 6")
          .hasMessageContaining("18446744073709551611");
    }
  }

  @Test
  void discover_nobodyThere_isRetryableAfterTheLimit() {
    pd.stop(0);
    pd.stop(1);
    assertThatThrownBy(() -> discover(pd.urls()))
        .isInstanceOf(RetryableException.class)
        .hasMessageContaining("PD discovery");
  }

  @Test
  void discover_pdComesLate_waits() throws Exception {
    pd.stop(0);
    Thread late =
        new Thread(
            () -> {
              Clock clock = Clock.system();
              try {
                clock.sleep(Duration.ofSeconds(1));
              } catch (InterruptedException e) {
                return;
              }
              pd.startAgain(0);
            });
    late.start();
    List<String> urls = List.of(pd.urls().get(0));
    assertThat(discover(urls, Duration.ofSeconds(60)).clusterId()).isEqualTo(-5);
    late.join();
  }

  @Test
  void urls_formsThatOperatorsWrite_areUnderstood() {
    assertThat(PdUrls.parse("http://a:1, https://b:2/,c:3,a:1"))
        .containsExactly("a:1", "b:2", "c:3");
    assertThat(PdUrls.hostPort("http://[::1]:2379")).isEqualTo("[::1]:2379");
    for (String bad : List.of("ftp://a:1", "http://a", "a:1/x", "a:", "a:99999", "http://a:b")) {
      assertThatThrownBy(() -> PdUrls.hostPort(bad))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining(bad);
    }
    assertThatThrownBy(() -> PdUrls.parse(" ")).isInstanceOf(OperatorException.class);
  }

  @Test
  @DisplayName("tikv-access fact 7: a service safe point exists, moves, and expires after its ttl")
  void serviceSafePoint_isHeldMovedAndExpires() throws Exception {
    PdClient client = discover(pd.urls(), Duration.ofSeconds(60));
    Tso[] wanted = {new Tso(100)};
    try (ServiceSafePoint point =
        ServiceSafePoint.hold(
            client, Clock.system(), "drainer_1", Duration.ofSeconds(2), () -> wanted[0])) {
      assertThat(held()).isEqualTo(new Tso(100));
      wanted[0] = new Tso(200);
      org.awaitility.Awaitility.await().until(() -> held().equals(new Tso(200)));
      org.awaitility.Awaitility.await().until(() -> point.held().equals(new Tso(200)));
      assertThat(pd.safePoints().collectUpTo(new Tso(500))).isEqualTo(new Tso(200));
    }
    org.awaitility.Awaitility.await().until(() -> pd.safePoints().services().isEmpty());
    assertThat(pd.safePoints().collectUpTo(new Tso(500))).isEqualTo(new Tso(500));
    assertThat(client.gcSafePoint()).isEqualTo(new Tso(500));
  }

  @Test
  void serviceSafePoint_tooLate_saysWhereItStands() throws Exception {
    PdClient client = discover(pd.urls(), Duration.ofSeconds(60));
    pd.safePoints().force(new Tso(1000));
    try (ServiceSafePoint point =
        ServiceSafePoint.hold(
            client, Clock.system(), "drainer_1", Duration.ofSeconds(2), () -> new Tso(10))) {
      assertThat(point.held()).isEqualTo(new Tso(1000));
    }
  }

  private Tso held() {
    return pd.safePoints().service("drainer_1").map(point -> point.safePoint()).orElse(Tso.ZERO);
  }
}
