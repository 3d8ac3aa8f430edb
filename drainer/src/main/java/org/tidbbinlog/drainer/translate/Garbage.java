package org.tidbbinlog.drainer.translate;

import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.DecodeException;

/** A binlog that cannot be read: says which, why in short, and the way out (I11). */
final class Garbage {
  private Garbage() {}

  static OperatorException in(Tso commitTs, DecodeException cause) {
    return new OperatorException(
        "binlog with commit ts "
            + commitTs
            + " cannot be decoded: "
            + cause.getMessage()
            + "; to go on without it, add "
            + commitTs
            + " to ignore-txn-commit-ts and repair the target by hand",
        cause);
  }
}
