package org.tidbbinlog.tools.compare;

import java.math.BigDecimal;

/**
 * Floating point numbers as TiDB prints them: plain between 1e-15 and 1e15, else {@code 1.5e300}.
 */
final class FloatText {
  private static final int PLAIN_LIMIT = 15;

  private FloatText() {}

  static String of(BigDecimal value) {
    if (value.signum() == 0) {
      return "0";
    }
    BigDecimal stripped = value.stripTrailingZeros();
    int exponent = stripped.precision() - stripped.scale() - 1;
    if (exponent >= -PLAIN_LIMIT && exponent < PLAIN_LIMIT) {
      return stripped.toPlainString();
    }
    return stripped.movePointLeft(exponent).stripTrailingZeros().toPlainString() + "e" + exponent;
  }
}
