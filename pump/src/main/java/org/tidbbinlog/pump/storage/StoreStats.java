package org.tidbbinlog.pump.storage;

import org.tidbbinlog.base.Tso;

/**
 * Counters since open, for metrics and {@code /status}.
 *
 * @param skippedCommits Commits without a Prewrite in this Pump
 * @param duplicates records of transactions that were settled already
 * @param rolledBack Prewrites dropped with TiKV's proof
 * @param ownCommits Commit records this Pump wrote after asking TiKV
 * @param corruptBytes bytes of the value log that could not be read as records
 * @param queuedBytes heap bytes waiting for the writer
 * @param sortLagBytes value-log bytes the sorter has not seen yet
 */
public record StoreStats(
    long appendedRecords,
    long appendedBytes,
    long groups,
    long failedAppends,
    long skippedCommits,
    long duplicates,
    long rolledBack,
    long ownCommits,
    long statusQueries,
    long corruptBytes,
    long queuedBytes,
    long sortLagBytes,
    long unmatched,
    Tso maxCommitTs,
    Tso gcTs) {}
