package org.tidbbinlog.cluster.pd;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The PD cluster as its members told it last; addresses are {@code host:port}.
 *
 * @param addresses all client addresses of all members
 */
record Members(long clusterId, List<String> addresses, @Nullable String leaderAddress) {
  Members {
    addresses = List.copyOf(addresses);
  }

  Optional<String> leader() {
    return Optional.ofNullable(leaderAddress);
  }
}
