package org.tidbbinlog.cluster.pd;

import java.time.Duration;

/**
 * Time limits towards PD. Source: registry section 8.
 *
 * @param discovery how long the first search for a leader may take
 * @param request one unary call, and one round trip of the timestamp stream
 * @param memberRequest one question for the members
 * @param timestamp how long one timestamp may take, over all reconnections
 * @param refreshPeriod how often the members are asked for without a reason
 */
public record PdLimits(
    Duration discovery,
    Duration request,
    Duration memberRequest,
    Duration timestamp,
    Duration refreshPeriod) {
  public static PdLimits defaults() {
    return new PdLimits(
        Duration.ofSeconds(100),
        Duration.ofSeconds(3),
        Duration.ofSeconds(1),
        Duration.ofSeconds(20),
        Duration.ofMinutes(1));
  }
}
