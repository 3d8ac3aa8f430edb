package org.tidbbinlog.cluster.tikv;

/** TiKV itself said that a read came too late for the garbage collector. */
final class BehindSafePointException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BehindSafePointException(String text) {
    super(text);
  }
}
