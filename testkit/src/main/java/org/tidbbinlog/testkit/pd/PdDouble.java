package org.tidbbinlog.testkit.pd;

import io.grpc.BindableService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.testkit.etcd.EtcdDouble;
import org.tidbbinlog.testkit.etcd.EtcdStore;
import org.tidbbinlog.wire.etcd.EtcdMember;
import org.tidbbinlog.wire.pd.GetMembersResponse;
import org.tidbbinlog.wire.pd.Member;
import org.tidbbinlog.wire.pd.ResponseHeader;
import org.tidbbinlog.wire.pd.Timestamp;

/**
 * A PD cluster of some members in this process. Each member answers PD's and etcd's gRPC on one
 * port, as the real one does; timestamps, etcd keys and safe points are shared by all. Members can
 * be stopped, silenced and moved to other ports, and the leadership can be moved. Source: registry
 * section 8.
 */
public final class PdDouble implements AutoCloseable {
  private final long clusterId;
  private final TsoOracle oracle;
  private final SafePoints safePoints;
  private final Topology topology;
  private final EtcdDouble etcd;
  private final List<PdMember> members = new ArrayList<>();
  private final ScheduledExecutorService leaseClock;
  private final AtomicLong tsoRequests = new AtomicLong();
  private final AtomicLong tsoStreams = new AtomicLong();
  private volatile int leader;

  /** {@code ports}: one member each, 0 = any free port. */
  public static PdDouble start(long clusterId, List<Integer> ports, Clock clock) {
    return start(clusterId, ports, clock, new SafePoints(clock), Topology.none(), Tls.plaintext());
  }

  public static PdDouble start(
      long clusterId,
      List<Integer> ports,
      Clock clock,
      SafePoints safePoints,
      Topology topology,
      Tls tls) {
    PdDouble pd = new PdDouble(clusterId, clock, safePoints, topology);
    for (int i = 0; i < ports.size(); i++) {
      List<BindableService> services = new ArrayList<>(pd.etcd.services());
      services.add(new PdService(pd, i));
      pd.members.add(new PdMember(ports.get(i), tls, services));
    }
    pd.members.forEach(PdMember::start);
    return pd;
  }

  private PdDouble(long clusterId, Clock clock, SafePoints safePoints, Topology topology) {
    this.clusterId = clusterId;
    this.oracle = new TsoOracle(clock);
    this.safePoints = safePoints;
    this.topology = topology;
    this.etcd = new EtcdDouble(clusterId, clock, this::etcdMembers);
    this.leaseClock =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "testkit-lease-1");
              thread.setDaemon(true);
              return thread;
            });
    var unused =
        leaseClock.scheduleWithFixedDelay(etcd::expireLeases, 200, 200, TimeUnit.MILLISECONDS);
  }

  public long clusterId() {
    return clusterId;
  }

  /** {@code http://127.0.0.1:port} of every member, running or not. */
  public List<String> urls() {
    return members.stream().map(PdMember::url).toList();
  }

  public int leader() {
    return leader;
  }

  public void moveLeaderTo(int member) {
    leader = member;
  }

  /** The member's port closes and its connections break. */
  public void stop(int member) {
    members.get(member).stop();
  }

  /** The member comes back on the port it had. */
  public void startAgain(int member) {
    members.get(member).start();
  }

  /** The member comes back on another port. */
  public void move(int member) {
    members.get(member).move();
  }

  public void answer(int member, Answering mode) {
    members.get(member).answer(mode);
  }

  public void answerAll(Answering mode) {
    members.forEach(member -> member.answer(mode));
  }

  /** A fresh timestamp, as if a client had asked. */
  public Tso nextTso() {
    return oracle.take(1);
  }

  /** Sets PD's clock forward. */
  public void advance(Duration by) {
    oracle.advance(by);
  }

  /** From now on every timestamp is greater than {@code floor}. */
  public void advancePast(Tso floor) {
    oracle.advancePast(floor);
  }

  /**
   * From now on timestamps lie above {@code floor} and below {@code ceiling}, whatever the clock
   * says: a past cluster's time passes again. Without room between the two, the last one is
   * answered again.
   */
  public void holdTso(Tso floor, Tso ceiling) {
    oracle.hold(floor, ceiling);
  }

  /** Timestamps follow the clock again. */
  public void releaseTso() {
    oracle.release();
  }

  /** From now on timestamps are answered in the form with this many suffix bits. */
  public void useSuffixBits(int bits) {
    oracle.suffixBits(bits);
  }

  /** How many TSO request messages were answered. */
  public long tsoRequests() {
    return tsoRequests.get();
  }

  /** How many TSO streams were opened. */
  public long tsoStreams() {
    return tsoStreams.get();
  }

  public EtcdStore etcd() {
    return etcd.store();
  }

  public SafePoints safePoints() {
    return safePoints;
  }

  @Override
  public void close() {
    leaseClock.shutdownNow();
    members.forEach(PdMember::stop);
  }

  TsoOracle oracle() {
    return oracle;
  }

  Topology topology() {
    return topology;
  }

  void countTsoRequest() {
    tsoRequests.incrementAndGet();
  }

  void countTsoStream() {
    tsoStreams.incrementAndGet();
  }

  Timestamp timestamp(Tso last) {
    return PdService.timestamp(last, oracle.suffixBits());
  }

  GetMembersResponse membersResponse(ResponseHeader header) {
    GetMembersResponse.Builder response = GetMembersResponse.newBuilder().setHeader(header);
    IntStream.range(0, members.size()).mapToObj(this::member).forEach(response::addMembers);
    return response.setLeader(member(leader)).setEtcdLeader(member(leader)).build();
  }

  private Member member(int index) {
    return Member.newBuilder()
        .setName("pd-" + index)
        .setMemberId(index + 1L)
        .addClientUrls(members.get(index).url())
        .build();
  }

  private List<EtcdMember> etcdMembers() {
    return IntStream.range(0, members.size())
        .mapToObj(
            i ->
                EtcdMember.newBuilder()
                    .setID(i + 1L)
                    .setName("pd-" + i)
                    .addClientURLs(members.get(i).url())
                    .build())
        .toList();
  }
}
