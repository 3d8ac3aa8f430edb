package org.tidbbinlog.testkit.pd;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.wire.meta.Store;
import org.tidbbinlog.wire.meta.StoreState;
import org.tidbbinlog.wire.pd.GetAllStoresRequest;
import org.tidbbinlog.wire.pd.GetAllStoresResponse;
import org.tidbbinlog.wire.pd.GetGCSafePointRequest;
import org.tidbbinlog.wire.pd.GetGCSafePointResponse;
import org.tidbbinlog.wire.pd.GetMembersRequest;
import org.tidbbinlog.wire.pd.GetMembersResponse;
import org.tidbbinlog.wire.pd.GetRegionRequest;
import org.tidbbinlog.wire.pd.GetRegionResponse;
import org.tidbbinlog.wire.pd.GetStoreRequest;
import org.tidbbinlog.wire.pd.GetStoreResponse;
import org.tidbbinlog.wire.pd.PDGrpc;
import org.tidbbinlog.wire.pd.RequestHeader;
import org.tidbbinlog.wire.pd.ResponseHeader;
import org.tidbbinlog.wire.pd.Timestamp;
import org.tidbbinlog.wire.pd.TsoRequest;
import org.tidbbinlog.wire.pd.TsoResponse;
import org.tidbbinlog.wire.pd.UpdateServiceGCSafePointRequest;
import org.tidbbinlog.wire.pd.UpdateServiceGCSafePointResponse;

/** The PD service of one member; all but GetMembers refuse other cluster ids and followers. */
final class PdService extends PDGrpc.PDImplBase {
  private final PdDouble pd;
  private final int member;

  PdService(PdDouble pd, int member) {
    this.pd = pd;
    this.member = member;
  }

  @Override
  public void getMembers(GetMembersRequest request, StreamObserver<GetMembersResponse> out) {
    out.onNext(pd.membersResponse(header()));
    out.onCompleted();
  }

  @Override
  public StreamObserver<TsoRequest> tso(StreamObserver<TsoResponse> out) {
    pd.countTsoStream();
    return new StreamObserver<>() {
      @Override
      public void onNext(TsoRequest request) {
        Optional<StatusRuntimeException> refusal = refusal(request.getHeader());
        if (refusal.isPresent()) {
          out.onError(refusal.get());
          return;
        }
        pd.countTsoRequest();
        Tso last = pd.oracle().take(Math.max(1, request.getCount()));
        out.onNext(
            TsoResponse.newBuilder()
                .setHeader(header())
                .setCount(request.getCount())
                .setTimestamp(pd.timestamp(last))
                .build());
      }

      @Override
      public void onError(Throwable broken) {}

      @Override
      public void onCompleted() {
        out.onCompleted();
      }
    };
  }

  @Override
  public void getRegion(GetRegionRequest request, StreamObserver<GetRegionResponse> out) {
    answer(
        request.getHeader(),
        out,
        header -> {
          Topology.Placed placed = pd.topology().regionOf(request.getRegionKey());
          return GetRegionResponse.newBuilder()
              .setHeader(header)
              .setRegion(placed.region())
              .setLeader(placed.leader())
              .build();
        });
  }

  @Override
  public void getStore(GetStoreRequest request, StreamObserver<GetStoreResponse> out) {
    Optional<Store> found =
        pd.topology().stores().stream()
            .filter(store -> store.getId() == request.getStoreId())
            .findFirst();
    if (found.isEmpty()) {
      out.onError(
          Status.UNKNOWN
              .withDescription("invalid store ID " + request.getStoreId() + ", not found")
              .asRuntimeException());
      return;
    }
    answer(
        request.getHeader(),
        out,
        header -> GetStoreResponse.newBuilder().setHeader(header).setStore(found.get()).build());
  }

  @Override
  public void getAllStores(GetAllStoresRequest request, StreamObserver<GetAllStoresResponse> out) {
    answer(
        request.getHeader(),
        out,
        header -> {
          GetAllStoresResponse.Builder response =
              GetAllStoresResponse.newBuilder().setHeader(header);
          pd.topology().stores().stream()
              .filter(
                  store ->
                      !request.getExcludeTombstoneStores()
                          || store.getState() != StoreState.Tombstone)
              .forEach(response::addStores);
          return response.build();
        });
  }

  @Override
  public void updateServiceGCSafePoint(
      UpdateServiceGCSafePointRequest request,
      StreamObserver<UpdateServiceGCSafePointResponse> out) {
    answer(
        request.getHeader(),
        out,
        header -> {
          Tso minimum =
              pd.safePoints()
                  .update(
                      request.getServiceId().toStringUtf8(),
                      Duration.ofSeconds(request.getTTL()),
                      new Tso(request.getSafePoint()));
          return UpdateServiceGCSafePointResponse.newBuilder()
              .setHeader(header)
              .setServiceId(request.getServiceId())
              .setTTL(request.getTTL())
              .setMinSafePoint(minimum.value())
              .build();
        });
  }

  @Override
  public void getGCSafePoint(
      GetGCSafePointRequest request, StreamObserver<GetGCSafePointResponse> out) {
    answer(
        request.getHeader(),
        out,
        header ->
            GetGCSafePointResponse.newBuilder()
                .setHeader(header)
                .setSafePoint(pd.safePoints().gcSafePoint().value())
                .build());
  }

  private <T> void answer(
      RequestHeader asked, StreamObserver<T> out, Function<ResponseHeader, T> response) {
    Optional<StatusRuntimeException> refusal = refusal(asked);
    if (refusal.isPresent()) {
      out.onError(refusal.get());
      return;
    }
    out.onNext(response.apply(header()));
    out.onCompleted();
  }

  private Optional<StatusRuntimeException> refusal(RequestHeader asked) {
    if (asked.getClusterId() != pd.clusterId()) {
      return Optional.of(
          Status.FAILED_PRECONDITION
              .withDescription(
                  "mismatch cluster id, need "
                      + Long.toUnsignedString(pd.clusterId())
                      + " but got "
                      + Long.toUnsignedString(asked.getClusterId()))
              .asRuntimeException());
    }
    if (pd.leader() != member) {
      return Optional.of(Status.UNAVAILABLE.withDescription("not leader").asRuntimeException());
    }
    return Optional.empty();
  }

  private ResponseHeader header() {
    return ResponseHeader.newBuilder().setClusterId(pd.clusterId()).build();
  }

  static Timestamp timestamp(Tso last, int suffixBits) {
    return Timestamp.newBuilder()
        .setPhysical(last.physicalMs())
        .setLogical(last.logical())
        .setSuffixBits(suffixBits)
        .build();
  }
}
