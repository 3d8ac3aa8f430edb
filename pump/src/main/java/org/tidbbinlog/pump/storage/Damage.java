package org.tidbbinlog.pump.storage;

import org.tidbbinlog.base.Tso;

/**
 * A place in the value log that is not as it was written.
 *
 * @param bytes how much of the file it is about; 0 = one place
 * @param what for people
 * @param before timestamp of the last sound record before it; zero = none in that file
 * @param after timestamp of the first sound record after it; zero = none in that file
 */
public record Damage(String file, long offset, long bytes, String what, Tso before, Tso after) {

  /** One line. */
  public String text() {
    return file
        + " at "
        + offset
        + (bytes == 0 ? "" : ", " + bytes + " bytes")
        + ": "
        + what
        + " (after ts "
        + side(before)
        + ", before ts "
        + side(after)
        + ")";
  }

  private static String side(Tso ts) {
    return ts.isZero() ? "none" : ts.toString();
  }
}
