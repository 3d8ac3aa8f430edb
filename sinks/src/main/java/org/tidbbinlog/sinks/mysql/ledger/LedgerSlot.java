package org.tidbbinlog.sinks.mysql.ledger;

import org.tidbbinlog.base.Tso;

/** One row of the ledger table, written by one worker at a time. */
final class LedgerSlot {
  private final int number;
  private long seq;
  private Tso maxTs;
  private AppliedRows content = new AppliedRows();

  LedgerSlot(int number, long seq, Tso maxTs) {
    this.number = number;
    this.seq = seq;
    this.maxTs = maxTs;
  }

  int number() {
    return number;
  }

  long seq() {
    return seq;
  }

  /** The slot may be used for something else when the low watermark has reached this. */
  Tso maxTs() {
    return maxTs;
  }

  AppliedRows content() {
    return content;
  }

  void swapped(AppliedRows newContent) {
    content = newContent;
    maxTs = newContent.last();
    seq++;
  }
}
