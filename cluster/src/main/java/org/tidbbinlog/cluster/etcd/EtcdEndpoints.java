package org.tidbbinlog.cluster.etcd;

import io.grpc.Channel;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.tidbbinlog.cluster.net.Links;

/**
 * The members to ask, one at a time: the current one until it fails, then the next. Configured
 * addresses stay candidates for ever, and a failure is the time to look who is known elsewhere: all
 * members may have moved since etcd told its list. Safe for use by many threads.
 */
final class EtcdEndpoints {
  private final List<String> configured;
  private final Supplier<List<String>> elsewhere;
  private final Links links;
  private List<String> candidates;
  private int current;

  /**
   * @param elsewhere addresses that others have learnt; asked after each failure, so it must be
   *     quick
   */
  EtcdEndpoints(List<String> configured, Supplier<List<String>> elsewhere, Links links) {
    this.configured = List.copyOf(configured);
    this.elsewhere = elsewhere;
    this.links = links;
    this.candidates = this.configured;
  }

  synchronized String address() {
    return candidates.get(current % candidates.size());
  }

  Channel channel(String address) {
    return links.to(address);
  }

  /** Moves on to the next member, unless someone already did. */
  synchronized void failed(String address, Failure failure) {
    if (failure == Failure.SILENCE) {
      links.drop(address);
    }
    if (address().equals(address)) {
      Set<String> all = new LinkedHashSet<>(candidates);
      all.addAll(elsewhere.get());
      candidates = List.copyOf(all);
      current = (current + 1) % candidates.size();
    }
  }

  enum Failure {
    ERROR,
    SILENCE
  }

  /** The member list as etcd tells it. */
  synchronized void members(List<String> addresses) {
    String now = address();
    Set<String> all = new LinkedHashSet<>(addresses);
    all.addAll(configured);
    candidates = List.copyOf(all);
    current = Math.max(0, candidates.indexOf(now));
  }

  synchronized List<String> all() {
    return candidates;
  }
}
