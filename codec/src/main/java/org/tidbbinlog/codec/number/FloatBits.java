package org.tidbbinlog.codec.number;

/**
 * A double's eight bytes in comparable form: both zeros alike, negative numbers inverted. Source:
 * row-format section 2.3.
 */
public final class FloatBits {
  private static final long SIGN = 1L << 63;

  private FloatBits() {}

  public static long encode(double value) {
    long bits = Double.doubleToRawLongBits(value);
    return value >= 0 ? bits | SIGN : ~bits;
  }

  public static double decode(long comparable) {
    return Double.longBitsToDouble((comparable & SIGN) != 0 ? comparable & ~SIGN : ~comparable);
  }
}
