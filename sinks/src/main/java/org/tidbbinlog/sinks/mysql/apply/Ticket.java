package org.tidbbinlog.sinks.mysql.apply;

/**
 * A unit's place, in one number.
 *
 * <pre>
 *  63        48 47                                    0
 * +------------+---------------------------------------+
 * | worker     | sequence number in its queue, from 1  |
 * +------------+---------------------------------------+
 * </pre>
 */
final class Ticket {
  static final long NONE = 0;
  private static final int SEQ_BITS = 48;

  private Ticket() {}

  static long of(int worker, long seq) {
    return ((long) worker << SEQ_BITS) | seq;
  }

  static int worker(long ticket) {
    return (int) (ticket >>> SEQ_BITS);
  }

  static long seq(long ticket) {
    return ticket & ((1L << SEQ_BITS) - 1);
  }
}
