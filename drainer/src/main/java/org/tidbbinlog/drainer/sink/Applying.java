package org.tidbbinlog.drainer.sink;

import org.tidbbinlog.base.Tso;

/**
 * How far a sink is with the oldest transaction that it is at work on.
 *
 * @param rowsApplied at the target; of a transaction that is kept together, sent to it
 * @param sinceNanos when the sink was given it, by the monotonic clock
 */
public record Applying(Tso commitTs, long rowsApplied, long rowsTotal, long sinceNanos) {}
