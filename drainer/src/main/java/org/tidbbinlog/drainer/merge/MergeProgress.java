package org.tidbbinlog.drainer.merge;

import org.tidbbinlog.base.Tso;

/**
 * How one Pump stands in the merge.
 *
 * @param watermark newest timestamp received
 * @param silentMs time since anything was received
 */
public record MergeProgress(
    String nodeId, Tso watermark, int queuedItems, long queuedBytes, long silentMs) {}
