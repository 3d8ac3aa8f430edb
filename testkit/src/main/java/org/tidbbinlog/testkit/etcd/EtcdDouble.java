package org.tidbbinlog.testkit.etcd;

import io.grpc.BindableService;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.Supplier;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.testkit.etcd.EtcdKvService.EtcdHeaders;
import org.tidbbinlog.wire.etcd.ClusterGrpc;
import org.tidbbinlog.wire.etcd.EtcdMember;
import org.tidbbinlog.wire.etcd.MemberListRequest;
import org.tidbbinlog.wire.etcd.MemberListResponse;
import org.tidbbinlog.wire.etcd.ResponseHeader;

/**
 * The etcd half of a PD: one store, seen through KV, Watch, Lease and Cluster services. The owner
 * puts {@link #services()} on its ports and calls {@link #expireLeases()} now and then.
 */
public final class EtcdDouble {
  private final EtcdStore store = new EtcdStore();
  private final EtcdHeaders headers;
  private final EtcdLeases leases;
  private final Supplier<List<EtcdMember>> members;

  public EtcdDouble(long clusterId, Clock clock, Supplier<List<EtcdMember>> members) {
    this.members = members;
    this.headers =
        () ->
            ResponseHeader.newBuilder()
                .setClusterId(clusterId)
                .setMemberId(1)
                .setRaftTerm(2)
                .setRevision(store.revision())
                .build();
    this.leases = new EtcdLeases(store, headers, clock);
  }

  public EtcdStore store() {
    return store;
  }

  public void expireLeases() {
    leases.expire();
  }

  public List<BindableService> services() {
    return List.of(
        new EtcdKvService(store, headers),
        new EtcdWatchService(store, headers),
        leases,
        new MemberService());
  }

  private final class MemberService extends ClusterGrpc.ClusterImplBase {
    @Override
    public void memberList(MemberListRequest request, StreamObserver<MemberListResponse> out) {
      out.onNext(
          MemberListResponse.newBuilder()
              .setHeader(headers.now())
              .addAllMembers(members.get())
              .build());
      out.onCompleted();
    }
  }
}
