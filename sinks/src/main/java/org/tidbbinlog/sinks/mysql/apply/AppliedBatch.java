package org.tidbbinlog.sinks.mysql.apply;

import java.util.List;

/**
 * One target transaction as it was sent, for those who want to send it again.
 *
 * @param worker who sent it
 * @param units what was in it, in order
 * @param slot row of the ledger that it changed
 * @param slotSeq what the ledger's row had to be at
 * @param packets its SQL text, one element a round trip
 */
public record AppliedBatch(
    int worker, List<Unit> units, int slot, long slotSeq, List<String> packets) {
  public AppliedBatch {
    units = List.copyOf(units);
    packets = List.copyOf(packets);
  }

  /**
   * A row, or a whole transaction.
   *
   * @param order position among all units
   * @param keys hashes: it must not overtake an earlier unit that shares one
   */
  public record Unit(long order, long[] keys) {}
}
