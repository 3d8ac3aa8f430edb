package org.tidbbinlog.cluster.pd;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.cluster.net.Attempts;
import org.tidbbinlog.cluster.net.Links;
import org.tidbbinlog.cluster.net.PdUrls;
import org.tidbbinlog.wire.pd.GetMembersRequest;
import org.tidbbinlog.wire.pd.GetMembersResponse;
import org.tidbbinlog.wire.pd.Member;
import org.tidbbinlog.wire.pd.PDGrpc;

/**
 * Who the PD members are and who leads. Configured addresses are never forgotten, so that a cluster
 * whose members all moved is found again behind its names. Source: registry section 8.
 */
final class MemberBoard {
  private static final Logger LOG = LoggerFactory.getLogger(MemberBoard.class);

  private static final int MAX_TLS_FAILURES = 5;

  private final List<String> configured;
  private final Links links;
  private final Duration askLimit;
  private volatile Members current = new Members(0, List.of(), null);

  MemberBoard(List<String> configured, Links links, Duration askLimit) {
    this.configured = configured;
    this.links = links;
    this.askLimit = askLimit;
  }

  Members current() {
    return current;
  }

  /**
   * Asks every configured address until a leader is known.
   *
   * @throws OperatorException when they belong to different clusters, or refuse our TLS, which does
   *     not mend itself
   */
  void discover(Attempts attempts) throws InterruptedException {
    int tlsFailures = 0;
    while (true) {
      RuntimeException failure = askAllConfigured();
      if (current.leader().isPresent()) {
        return;
      }
      Optional<String> tls = TlsFailure.in(failure);
      tlsFailures = tls.isPresent() ? tlsFailures + 1 : 0;
      if (tlsFailures == MAX_TLS_FAILURES) {
        throw new OperatorException(
            "TLS to PD "
                + configured
                + " failed: "
                + tls.orElse("")
                + " (check ssl-ca, ssl-cert and ssl-key)",
            failure);
      }
      if (attempts.worthTelling()) {
        LOG.atWarn()
            .addKeyValue("pd", configured)
            .addKeyValue("error", failure.getMessage())
            .log("PD discovery failed, trying again");
      }
      attempts.pause(failure);
    }
  }

  private RuntimeException askAllConfigured() {
    RuntimeException failure = new RetryableException("PD " + configured + " names no leader");
    Members found = current;
    for (String address : configured) {
      try {
        Members told = ask(address);
        if (found.clusterId() != 0 && told.clusterId() != found.clusterId()) {
          throw mismatch(address, told.clusterId(), found.clusterId());
        }
        if (found.leader().isEmpty()) {
          found = told;
        }
      } catch (StatusRuntimeException | RetryableException e) {
        failure =
            new RetryableException("PD " + address + " does not answer: " + e.getMessage(), e);
      }
    }
    current = found;
    return failure;
  }

  private static OperatorException mismatch(String address, long got, long expected) {
    return new OperatorException(
        "PD "
            + address
            + " belongs to cluster "
            + Long.toUnsignedString(got)
            + ", the others to "
            + Long.toUnsignedString(expected)
            + ": pd-urls must name members of one cluster");
  }

  /** Asks one member after the other, known ones first, until one of our cluster names a leader. */
  Optional<Members> refresh() {
    Set<String> candidates = new LinkedHashSet<>(current.addresses());
    candidates.addAll(configured);
    for (String address : candidates) {
      try {
        Members told = ask(address);
        if (told.clusterId() == current.clusterId() && told.leader().isPresent()) {
          become(told);
          return Optional.of(told);
        }
        if (told.clusterId() != current.clusterId()) {
          LOG.atError()
              .addKeyValue("pd", address)
              .addKeyValue("clusterId", Long.toUnsignedString(told.clusterId()))
              .addKeyValue("ours", Long.toUnsignedString(current.clusterId()))
              .log("PD member of another cluster ignored");
        }
      } catch (StatusRuntimeException | RetryableException e) {
        LOG.atDebug()
            .addKeyValue("pd", address)
            .addKeyValue("error", e.getMessage())
            .log("PD member does not answer");
      }
    }
    return Optional.empty();
  }

  private void become(Members told) {
    Members old = current;
    current = told;
    if (!old.equals(told)) {
      LOG.atInfo()
          .addKeyValue("leader", told.leader().orElse(""))
          .addKeyValue("members", told.addresses())
          .addKeyValue("oldLeader", old.leader().orElse(""))
          .log("PD members changed");
    }
  }

  private Members ask(String address) {
    GetMembersResponse response = getMembers(address);
    long clusterId = response.getHeader().getClusterId();
    if (clusterId == 0) {
      throw new RetryableException("PD " + address + " answers with cluster id 0");
    }
    List<String> addresses = new ArrayList<>();
    response.getMembersList().forEach(member -> addresses.addAll(addressesOf(member)));
    List<String> leader = addressesOf(response.getLeader());
    return new Members(clusterId, addresses, leader.isEmpty() ? null : leader.get(0));
  }

  private GetMembersResponse getMembers(String address) {
    try {
      return PDGrpc.newBlockingStub(links.to(address))
          .withDeadlineAfter(askLimit.toMillis(), TimeUnit.MILLISECONDS)
          .getMembers(GetMembersRequest.getDefaultInstance());
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED) {
        links.drop(address);
      }
      throw e;
    }
  }

  private static List<String> addressesOf(Member member) {
    return member.getClientUrlsList().stream().map(PdUrls::hostPort).toList();
  }
}
