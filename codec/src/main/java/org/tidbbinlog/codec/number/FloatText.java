package org.tidbbinlog.codec.number;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Floating numbers as the original prints them: the fewest digits that read back as the same
 * number, an exponent of at least two digits with its sign, and no {@code .0}. Source: row-format
 * sections 3 and 7.
 */
public final class FloatText {
  /** JDKs from 19 on print the fewest digits themselves. */
  private static final boolean JDK_IS_EXACT = Runtime.version().feature() >= 19;

  private static final int FIRST_LARGE_EXPONENT = 21;
  private static final int SQL_PLAIN_LIMIT = 15;

  private FloatText() {}

  public static String of(double value) {
    return isPlain(value) ? general(shortest(value)) : special(value);
  }

  public static String of(float value) {
    return isPlain(value) ? general(shortest(value)) : special(value);
  }

  /**
   * As JSON text wants it: an exponent below 1e-6 or from 1e21, {@code e-09} cut to {@code e-9}.
   */
  public static String json(double value) {
    if (!isPlain(value)) {
      return special(value);
    }
    double size = Math.abs(value);
    BigDecimal digits = shortest(value);
    if (size >= 1e-6 && size < 1e21) {
      return digits.toPlainString();
    }
    String text = scientific(digits);
    int end = text.length();
    return end >= 4 && text.startsWith("e-0", end - 4)
        ? text.substring(0, end - 2) + text.charAt(end - 1)
        : text;
  }

  /** As SQL prints a DOUBLE: plain between 1e-15 and 1e15, else {@code 1.5e300}. */
  public static String sql(double value) {
    return isPlain(value) ? sql(shortest(value)) : special(value).replace("-0", "0");
  }

  /** As SQL prints a FLOAT. */
  public static String sql(float value) {
    return isPlain(value) ? sql(shortest(value)) : special(value).replace("-0", "0");
  }

  private static String sql(BigDecimal digits) {
    int exponent = digits.precision() - digits.scale() - 1;
    return exponent >= -SQL_PLAIN_LIMIT && exponent < SQL_PLAIN_LIMIT
        ? digits.toPlainString()
        : digits.movePointLeft(exponent).stripTrailingZeros().toPlainString() + "e" + exponent;
  }

  private static boolean isPlain(double value) {
    return value != 0 && !Double.isNaN(value) && !Double.isInfinite(value);
  }

  private static String special(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    return Double.doubleToRawLongBits(value) < 0 ? "-0" : "0";
  }

  private static String general(BigDecimal digits) {
    int exponent = digits.precision() - digits.scale() - 1;
    return exponent < -4 || exponent >= FIRST_LARGE_EXPONENT
        ? scientific(digits)
        : digits.toPlainString();
  }

  private static String scientific(BigDecimal digits) {
    int exponent = digits.precision() - digits.scale() - 1;
    String all = digits.unscaledValue().abs().toString();
    StringBuilder text = new StringBuilder(all.length() + 8);
    text.append(digits.signum() < 0 ? "-" : "").append(all.charAt(0));
    if (all.length() > 1) {
      text.append('.').append(all, 1, all.length());
    }
    text.append('e').append(exponent < 0 ? '-' : '+');
    int size = Math.abs(exponent);
    return text.append(size < 10 ? "0" : "").append(size).toString();
  }

  private static BigDecimal shortest(double value) {
    BigDecimal printed = stripped(new BigDecimal(Double.toString(value)));
    if (JDK_IS_EXACT) {
      return printed;
    }
    BigDecimal exact = new BigDecimal(value);
    BigDecimal best = printed;
    for (int digits = printed.precision(); digits > 0; digits--) {
      BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
      if (rounded.doubleValue() != value) {
        break;
      }
      best = stripped(rounded);
    }
    return best;
  }

  private static BigDecimal shortest(float value) {
    BigDecimal printed = stripped(new BigDecimal(Float.toString(value)));
    if (JDK_IS_EXACT) {
      return printed;
    }
    BigDecimal exact = new BigDecimal(value);
    BigDecimal best = printed;
    for (int digits = printed.precision(); digits > 0; digits--) {
      BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
      if (rounded.floatValue() != value) {
        break;
      }
      best = stripped(rounded);
    }
    return best;
  }

  private static BigDecimal stripped(BigDecimal number) {
    return number.stripTrailingZeros();
  }
}
