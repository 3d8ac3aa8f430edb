package org.tidbbinlog.pump.server;

import org.slf4j.event.Level;

/** The only identity check of the protocol: requests name the PD cluster they belong to. */
record ClusterCheck(long own) {
  void require(long got) {
    if (got != own) {
      throw new WriteRefusedException(
          "cluster ID are mismatch, "
              + Long.toUnsignedString(got)
              + " vs "
              + Long.toUnsignedString(own),
          Level.ERROR);
    }
  }
}
