package org.tidbbinlog.sim;

import java.io.IOException;

/** A force that the device refused. */
final class ForceFailure extends IOException {
  private static final long serialVersionUID = 1L;

  /** What becomes of the bytes that were to be forced. */
  enum Bytes {
    /** The next force tries again. */
    KEPT,
    /** The kernel calls them clean: readers see them, no later force writes them. Linux does so. */
    FORGOTTEN
  }

  private final Bytes bytes;

  ForceFailure(Bytes bytes) {
    super("Input/output error");
    this.bytes = bytes;
  }

  Bytes bytes() {
    return bytes;
  }
}
