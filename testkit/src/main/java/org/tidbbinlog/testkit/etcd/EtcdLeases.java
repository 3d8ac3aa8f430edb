package org.tidbbinlog.testkit.etcd;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.testkit.etcd.EtcdKvService.EtcdHeaders;
import org.tidbbinlog.wire.etcd.LeaseGrantRequest;
import org.tidbbinlog.wire.etcd.LeaseGrantResponse;
import org.tidbbinlog.wire.etcd.LeaseGrpc;
import org.tidbbinlog.wire.etcd.LeaseKeepAliveRequest;
import org.tidbbinlog.wire.etcd.LeaseKeepAliveResponse;
import org.tidbbinlog.wire.etcd.LeaseRevokeRequest;
import org.tidbbinlog.wire.etcd.LeaseRevokeResponse;

/** Leases; {@link #expire()} is called on a schedule and drops the keys of those that ran out. */
final class EtcdLeases extends LeaseGrpc.LeaseImplBase {
  private final EtcdStore store;
  private final EtcdHeaders headers;
  private final Clock clock;
  private final Map<Long, Lease> leases = new HashMap<>();
  private long nextId = 7_587_000_000_000_000_001L;

  private record Lease(long ttlSeconds, Instant deadline) {}

  EtcdLeases(EtcdStore store, EtcdHeaders headers, Clock clock) {
    this.store = store;
    this.headers = headers;
    this.clock = clock;
  }

  @Override
  public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> out) {
    LeaseGrantResponse response;
    synchronized (store) {
      long id = request.getID() != 0 ? request.getID() : nextId++;
      leases.put(id, lease(request.getTTL()));
      response =
          LeaseGrantResponse.newBuilder()
              .setHeader(headers.now())
              .setID(id)
              .setTTL(request.getTTL())
              .build();
    }
    out.onNext(response);
    out.onCompleted();
  }

  @Override
  public void leaseRevoke(LeaseRevokeRequest request, StreamObserver<LeaseRevokeResponse> out) {
    boolean known;
    synchronized (store) {
      known = revoke(request.getID());
    }
    if (!known) {
      out.onError(
          Status.NOT_FOUND
              .withDescription("etcdserver: requested lease not found")
              .asRuntimeException());
      return;
    }
    out.onNext(LeaseRevokeResponse.newBuilder().setHeader(headers.now()).build());
    out.onCompleted();
  }

  @Override
  public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(
      StreamObserver<LeaseKeepAliveResponse> out) {
    return new StreamObserver<>() {
      @Override
      public void onNext(LeaseKeepAliveRequest request) {
        synchronized (store) {
          Lease known = leases.get(request.getID());
          long ttl = known == null ? 0 : known.ttlSeconds();
          if (known != null) {
            leases.put(request.getID(), lease(ttl));
          }
          out.onNext(
              LeaseKeepAliveResponse.newBuilder()
                  .setHeader(headers.now())
                  .setID(request.getID())
                  .setTTL(ttl)
                  .build());
        }
      }

      @Override
      public void onError(Throwable broken) {}

      @Override
      public void onCompleted() {
        out.onCompleted();
      }
    };
  }

  void expire() {
    synchronized (store) {
      Instant now = clock.now();
      List<Long> gone = new ArrayList<>();
      leases.forEach(
          (id, lease) -> {
            if (lease.deadline().isBefore(now)) {
              gone.add(id);
            }
          });
      gone.forEach(this::revoke);
    }
  }

  private boolean revoke(long id) {
    if (leases.remove(id) == null) {
      return false;
    }
    store.begin();
    store.deleteKeys(store.keysOfLease(id));
    store.finish();
    return true;
  }

  private Lease lease(long ttlSeconds) {
    return new Lease(ttlSeconds, clock.now().plus(Duration.ofSeconds(ttlSeconds)));
  }
}
