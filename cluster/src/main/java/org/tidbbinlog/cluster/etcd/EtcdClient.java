package org.tidbbinlog.cluster.etcd;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.cluster.etcd.EtcdEndpoints.Failure;
import org.tidbbinlog.cluster.net.Attempts;
import org.tidbbinlog.cluster.net.Links;
import org.tidbbinlog.cluster.net.PdUrls;
import org.tidbbinlog.wire.etcd.ClusterGrpc;
import org.tidbbinlog.wire.etcd.DeleteRangeRequest;
import org.tidbbinlog.wire.etcd.KVGrpc;
import org.tidbbinlog.wire.etcd.KeyValue;
import org.tidbbinlog.wire.etcd.LeaseGrantRequest;
import org.tidbbinlog.wire.etcd.LeaseGrpc;
import org.tidbbinlog.wire.etcd.LeaseKeepAliveRequest;
import org.tidbbinlog.wire.etcd.LeaseKeepAliveResponse;
import org.tidbbinlog.wire.etcd.LeaseRevokeRequest;
import org.tidbbinlog.wire.etcd.MemberListRequest;
import org.tidbbinlog.wire.etcd.PutRequest;
import org.tidbbinlog.wire.etcd.RangeRequest;
import org.tidbbinlog.wire.etcd.RangeResponse;
import org.tidbbinlog.wire.etcd.TxnRequest;
import org.tidbbinlog.wire.etcd.TxnResponse;

/**
 * The part of etcd v3 that a registry needs. Each call blocks, goes from member to member on
 * errors, and is given up after the policy's limit. A write that failed may have happened: callers
 * repeat whole read-then-write steps. Safe for use by many threads. Source: registry section 3.
 */
public final class EtcdClient {
  private static final Duration ONE_TRY = Duration.ofSeconds(2);

  private final EtcdEndpoints endpoints;
  private final Attempts.Policy policy;

  public EtcdClient(List<String> hostPorts, Links links, Attempts.Policy policy) {
    this(hostPorts, List::of, links, policy);
  }

  /**
   * @param elsewhere addresses of members learnt by other means, such as PD's own member list
   */
  public EtcdClient(
      List<String> hostPorts,
      Supplier<List<String>> elsewhere,
      Links links,
      Attempts.Policy policy) {
    this.endpoints = new EtcdEndpoints(hostPorts, elsewhere, links);
    this.policy = policy;
  }

  /** Keys of a listing with the revision at which it was true. */
  public record Listing(List<EtcdKey> keys, long revision) {
    public Listing {
      keys = List.copyOf(keys);
    }
  }

  public Optional<EtcdKey> get(String key) {
    RangeRequest request = RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
    return range("etcd get " + key, request).getKvsList().stream().findFirst().map(EtcdClient::key);
  }

  /** All keys that begin with {@code prefix}, ascending. */
  public Listing list(String prefix) {
    RangeRequest request =
        RangeRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8(prefix))
            .setRangeEnd(endOf(prefix))
            .setSortOrder(RangeRequest.SortOrder.ASCEND)
            .build();
    RangeResponse response = range("etcd list " + prefix, request);
    return new Listing(
        response.getKvsList().stream().map(EtcdClient::key).toList(),
        response.getHeader().getRevision());
  }

  /** Stores a value; {@code lease} 0 = none. */
  public void put(String key, ByteString value, long lease) {
    PutRequest request =
        PutRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8(key))
            .setValue(value)
            .setLease(lease)
            .build();
    var unused = call("etcd put " + key, policy, (to, ms) -> kv(to, ms).put(request).getHeader());
  }

  /** Removes a key; answers how many keys that were. */
  public long delete(String key) {
    DeleteRangeRequest request =
        DeleteRangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
    return call(
        "etcd delete " + key, policy, (to, ms) -> kv(to, ms).deleteRange(request).getDeleted());
  }

  /** One transaction, sent once: an ambiguous failure is the caller's to judge. */
  public TxnResponse txnOnce(TxnRequest request, Duration limit) {
    String address = endpoints.address();
    try {
      return kv(endpoints.channel(address), limitMs(limit)).txn(request);
    } catch (StatusRuntimeException e) {
      endpoints.failed(address, failureOf(e));
      throw new RetryableException("etcd " + address + ": " + e.getMessage(), e);
    }
  }

  public long grantLease(Duration ttl) {
    LeaseGrantRequest request = LeaseGrantRequest.newBuilder().setTTL(ttl.toSeconds()).build();
    return call(
        "etcd lease grant",
        policy,
        (to, ms) ->
            LeaseGrpc.newBlockingStub(to)
                .withDeadlineAfter(ms, TimeUnit.MILLISECONDS)
                .leaseGrant(request)
                .getID());
  }

  public void revokeLease(long lease) {
    LeaseRevokeRequest request = LeaseRevokeRequest.newBuilder().setID(lease).build();
    var unused =
        call(
            "etcd lease revoke",
            policy,
            (to, ms) ->
                LeaseGrpc.newBlockingStub(to)
                    .withDeadlineAfter(ms, TimeUnit.MILLISECONDS)
                    .leaseRevoke(request)
                    .getHeader());
  }

  /** Renews a lease; answers its time to live, zero when it is gone. */
  public Duration keepAlive(long lease) {
    LeaseKeepAliveRequest request = LeaseKeepAliveRequest.newBuilder().setID(lease).build();
    LeaseKeepAliveResponse response =
        call(
            "etcd lease keep-alive",
            policy,
            (to, ms) ->
                OneReply.of(
                    observer ->
                        LeaseGrpc.newStub(to)
                            .withDeadlineAfter(ms, TimeUnit.MILLISECONDS)
                            .leaseKeepAlive(observer),
                    request));
    return Duration.ofSeconds(Math.max(0, response.getTTL()));
  }

  /** Reads the member list and uses it from now on. */
  public void syncMembers() {
    List<String> found =
        call(
            "etcd member list",
            policy,
            (to, ms) ->
                ClusterGrpc.newBlockingStub(to)
                    .withDeadlineAfter(ms, TimeUnit.MILLISECONDS)
                    .memberList(MemberListRequest.getDefaultInstance())
                    .getMembersList()
                    .stream()
                    .flatMap(member -> member.getClientURLsList().stream())
                    .map(PdUrls::hostPort)
                    .toList());
    endpoints.members(found);
  }

  public List<String> endpoints() {
    return endpoints.all();
  }

  /** Tries of one operation that consists of several calls. */
  public Attempts begin(String what) {
    return policy.begin(what);
  }

  EtcdEndpoints members() {
    return endpoints;
  }

  /** The first key after all keys with this prefix. */
  static ByteString endOf(String prefix) {
    byte[] end = ByteString.copyFromUtf8(prefix).toByteArray();
    for (int i = end.length - 1; i >= 0; i--) {
      if (end[i] != (byte) 0xff) {
        end[i]++;
        return ByteString.copyFrom(end, 0, i + 1);
      }
    }
    return ByteString.copyFrom(new byte[1]);
  }

  static EtcdKey key(KeyValue kv) {
    return new EtcdKey(kv.getKey(), kv.getValue(), kv.getModRevision(), kv.getLease());
  }

  static Failure failureOf(StatusRuntimeException e) {
    return e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED
        ? Failure.SILENCE
        : Failure.ERROR;
  }

  private RangeResponse range(String what, RangeRequest request) {
    return call(what, policy, (to, ms) -> kv(to, ms).range(request));
  }

  private static KVGrpc.KVBlockingStub kv(Channel to, long ms) {
    return KVGrpc.newBlockingStub(to)
        .withMaxInboundMessageSize(Integer.MAX_VALUE)
        .withDeadlineAfter(ms, TimeUnit.MILLISECONDS);
  }

  private static long limitMs(Duration limit) {
    return Math.max(1, Math.min(limit.toMillis(), ONE_TRY.toMillis()));
  }

  private <T> T call(String what, Attempts.Policy policy, BiFunction<Channel, Long, T> request) {
    Attempts attempts = policy.begin(what);
    while (true) {
      String address = endpoints.address();
      try {
        return request.apply(endpoints.channel(address), limitMs(attempts.left()));
      } catch (StatusRuntimeException e) {
        endpoints.failed(address, failureOf(e));
        pause(attempts, new RetryableException("etcd " + address + ": " + e.getMessage(), e));
      }
    }
  }

  /** As {@link Attempts#pause(Throwable)} for callers that cannot be interrupted. */
  static void pause(Attempts attempts, RuntimeException cause) {
    try {
      attempts.pause(cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RetryableException("interrupted while waiting for etcd", e);
    }
  }
}
