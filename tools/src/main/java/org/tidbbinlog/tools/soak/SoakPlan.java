package org.tidbbinlog.tools.soak;

/**
 * The seeds of a soak.
 *
 * @param count of seeds; {@link Long#MAX_VALUE} = as many as fit into the time
 * @param limitNs no new seed is begun after so long; {@link Long#MAX_VALUE} = no limit
 */
public record SoakPlan(long first, long count, long limitNs) {
  long endExclusive() {
    return count == Long.MAX_VALUE ? Long.MAX_VALUE : first + count;
  }
}
