package org.tidbbinlog.cluster.pd;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.net.Attempts;
import org.tidbbinlog.cluster.net.Links;
import org.tidbbinlog.wire.meta.Peer;
import org.tidbbinlog.wire.meta.Region;
import org.tidbbinlog.wire.meta.Store;
import org.tidbbinlog.wire.pd.Error;
import org.tidbbinlog.wire.pd.ErrorType;
import org.tidbbinlog.wire.pd.GetGCSafePointRequest;
import org.tidbbinlog.wire.pd.GetGCSafePointResponse;
import org.tidbbinlog.wire.pd.GetRegionRequest;
import org.tidbbinlog.wire.pd.GetRegionResponse;
import org.tidbbinlog.wire.pd.GetStoreRequest;
import org.tidbbinlog.wire.pd.GetStoreResponse;
import org.tidbbinlog.wire.pd.PDGrpc;
import org.tidbbinlog.wire.pd.PDGrpc.PDBlockingStub;
import org.tidbbinlog.wire.pd.RequestHeader;
import org.tidbbinlog.wire.pd.ResponseHeader;
import org.tidbbinlog.wire.pd.UpdateServiceGCSafePointRequest;
import org.tidbbinlog.wire.pd.UpdateServiceGCSafePointResponse;

/**
 * PD's unary calls, always at the leader; a failed call looks for the leader again and is repeated
 * until the policy's limit. Safe for use by many threads. Source: registry section 8.
 */
public final class PdClient {
  private final MemberBoard board;
  private final Links links;
  private final Attempts.Policy policy;
  private final PdLimits limits;

  private PdClient(MemberBoard board, Links links, Attempts.Policy policy, PdLimits limits) {
    this.board = board;
    this.links = links;
    this.policy = policy;
    this.limits = limits;
  }

  /** Finds the cluster behind the addresses; blocks until a leader is known or the limit passed. */
  public static PdClient discover(
      List<String> hostPorts, Links links, Attempts.Policy policy, PdLimits limits)
      throws InterruptedException {
    MemberBoard board = new MemberBoard(hostPorts, links, limits.memberRequest());
    board.discover(policy.withLimit(limits.discovery()).begin("PD discovery"));
    return new PdClient(board, links, policy, limits);
  }

  public long clusterId() {
    return board.current().clusterId();
  }

  /** {@code host:port} of every member, as last told. */
  public List<String> memberAddresses() {
    return board.current().addresses();
  }

  /** Asks the members who they are and who leads; keeps the old answer when none replies. */
  public void refreshMembers() {
    var unused = board.refresh();
  }

  /** A region and the peer that leads it, as PD tells it. */
  public record PlacedRegion(Region region, Peer leader) {}

  /** The region of a key in comparable-bytes form. */
  public PlacedRegion region(ByteString encodedKey) throws InterruptedException {
    GetRegionRequest request =
        GetRegionRequest.newBuilder().setHeader(header()).setRegionKey(encodedKey).build();
    GetRegionResponse response =
        call("PD GetRegion", stub -> stub.getRegion(request), GetRegionResponse::getHeader);
    return new PlacedRegion(response.getRegion(), response.getLeader());
  }

  public Store store(long storeId) throws InterruptedException {
    GetStoreRequest request =
        GetStoreRequest.newBuilder().setHeader(header()).setStoreId(storeId).build();
    return call("PD GetStore", stub -> stub.getStore(request), GetStoreResponse::getHeader)
        .getStore();
  }

  /** Everything before it may be gone from TiKV. */
  public Tso gcSafePoint() throws InterruptedException {
    GetGCSafePointRequest request = GetGCSafePointRequest.newBuilder().setHeader(header()).build();
    return new Tso(
        call(
                "PD GetGCSafePoint",
                stub -> stub.getGCSafePoint(request),
                GetGCSafePointResponse::getHeader)
            .getSafePoint());
  }

  /**
   * Asks PD to keep everything from {@code safePoint} on for {@code ttl}.
   *
   * @return the smallest point held; when it is after {@code safePoint}, ours was refused
   */
  public Tso updateServiceSafePoint(String serviceId, Duration ttl, Tso safePoint)
      throws InterruptedException {
    UpdateServiceGCSafePointRequest request =
        UpdateServiceGCSafePointRequest.newBuilder()
            .setHeader(header())
            .setServiceId(ByteString.copyFromUtf8(serviceId))
            .setTTL(ttl.toSeconds())
            .setSafePoint(safePoint.value())
            .build();
    return new Tso(
        call(
                "PD UpdateServiceGCSafePoint",
                stub -> stub.updateServiceGCSafePoint(request),
                UpdateServiceGCSafePointResponse::getHeader)
            .getMinSafePoint());
  }

  MemberBoard board() {
    return board;
  }

  RequestHeader header() {
    return RequestHeader.newBuilder().setClusterId(clusterId()).build();
  }

  private <T> T call(
      String what, Function<PDBlockingStub, T> request, Function<T, ResponseHeader> headerOf)
      throws InterruptedException {
    Attempts attempts = policy.begin(what);
    while (true) {
      String leader = board.current().leader().orElseThrow();
      try {
        Duration limit = attempts.leftAtMost(limits.request());
        T response =
            request.apply(
                PDGrpc.newBlockingStub(links.to(leader))
                    .withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS));
        requireOk(what, headerOf.apply(response).getError());
        return response;
      } catch (StatusRuntimeException | RetryableException e) {
        lookForLeader(leader, e);
        attempts.pause(e);
      }
    }
  }

  private static void requireOk(String what, Error error) {
    if (error.getType() != ErrorType.OK) {
      throw new RetryableException(what + ": " + error.getType() + " " + error.getMessage());
    }
  }

  private void lookForLeader(String failedLeader, RuntimeException failure) {
    if (Status.fromThrowable(failure).getCode() == Status.Code.DEADLINE_EXCEEDED) {
      links.drop(failedLeader);
    }
    var unused = board.refresh();
  }
}
