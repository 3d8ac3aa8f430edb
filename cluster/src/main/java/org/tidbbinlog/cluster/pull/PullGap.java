package org.tidbbinlog.cluster.pull;

import org.tidbbinlog.base.Tso;

/** What is gone: committed after {@code fromExclusive}, at or below {@code to}. */
public record PullGap(Tso fromExclusive, Tso to) {}
