package org.tidbbinlog.codec.number;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.bytes.ByteWriter;

/**
 * A decimal's binary form: precision, scale, then words of nine decimal digits, the outermost ones
 * shorter.
 *
 * <pre>
 * | prec | frac | leading digits, 0..4 bytes | 4 bytes a word ... | trailing digits, 0..4 bytes |
 * </pre>
 *
 * A negative number has all body bytes inverted; then the first body bit is flipped. Source:
 * row-format section 2.4.
 */
public final class DecimalBytes {
  public static final int MAX_PRECISION = 65;
  public static final int MAX_SCALE = 30;

  private static final int WORD_DIGITS = 9;
  private static final int WORD_BYTES = 4;
  private static final int LONG_DIGITS = 18;
  private static final int[] BYTES_OF_DIGITS = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};
  private static final int[] POWER_OF_TEN = {
    1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000
  };
  private static final int TOP_BIT = 0x80;

  private DecimalBytes() {}

  private static int bodySize(int integerDigits, int scale) {
    return wordsSize(integerDigits) + wordsSize(scale);
  }

  private static int wordsSize(int digits) {
    return WORD_BYTES * (digits / WORD_DIGITS) + BYTES_OF_DIGITS[digits % WORD_DIGITS];
  }

  /** Steps over one decimal. */
  public static void skip(ByteCursor in) {
    int precision = in.u8();
    int scale = in.u8();
    in.skip(bodySize(integerDigits(in, precision, scale), scale));
  }

  private static int integerDigits(ByteCursor in, int precision, int scale) {
    if (precision == 0 || precision > MAX_PRECISION || scale > MAX_SCALE || scale > precision) {
      throw in.fail("decimal of precision " + precision + " and scale " + scale);
    }
    return precision - scale;
  }

  /** The scale of the result is the embedded one, also of zero. */
  public static BigDecimal decode(ByteCursor in) {
    int precision = in.u8();
    int scale = in.u8();
    int integerDigits = integerDigits(in, precision, scale);
    int first = in.peek();
    Words words = new Words(in, (first & TOP_BIT) == 0 ? -1 : 0);
    words.read(integerDigits % WORD_DIGITS);
    words.readFull(integerDigits / WORD_DIGITS);
    words.readFull(scale / WORD_DIGITS);
    words.read(scale % WORD_DIGITS);
    return words.result(scale);
  }

  /** Puts words together, in a long as far as that goes. */
  private static final class Words {
    private final ByteCursor in;
    private final int mask;
    private boolean firstByte = true;
    private int digits;
    private long small;
    private BigInteger big = BigInteger.ZERO;

    Words(ByteCursor in, int mask) {
      this.in = in;
      this.mask = mask;
    }

    void readFull(int words) {
      for (int i = 0; i < words; i++) {
        read(WORD_DIGITS);
      }
    }

    void read(int wordDigits) {
      long word = 0;
      for (int i = 0; i < BYTES_OF_DIGITS[wordDigits]; i++) {
        int next = (in.u8() ^ mask) & 0xff;
        if (firstByte) {
          next ^= TOP_BIT;
          firstByte = false;
        }
        word = word << 8 | next;
      }
      if (word >= POWER_OF_TEN[wordDigits]) {
        throw in.fail("decimal word " + word + " of " + wordDigits + " digits");
      }
      if (digits + wordDigits > LONG_DIGITS) {
        if (digits <= LONG_DIGITS) {
          big = BigInteger.valueOf(small);
        }
        big = big.multiply(BigInteger.valueOf(POWER_OF_TEN[wordDigits]));
        big = big.add(BigInteger.valueOf(word));
      } else {
        small = small * POWER_OF_TEN[wordDigits] + word;
      }
      digits += wordDigits;
    }

    BigDecimal result(int scale) {
      if (digits <= LONG_DIGITS) {
        return BigDecimal.valueOf(mask == 0 ? small : -small, scale);
      }
      return new BigDecimal(mask == 0 ? big : big.negate(), scale);
    }
  }

  /**
   * Writes a value rounded to the scale.
   *
   * @throws IllegalArgumentException when it has too many digits for the precision
   */
  public static void encode(BigDecimal value, int precision, int scale, ByteWriter out) {
    BigDecimal scaled = value.setScale(scale, RoundingMode.HALF_UP);
    String digits = scaled.unscaledValue().abs().toString();
    if (digits.length() > precision) {
      if (scaled.signum() != 0) {
        throw new IllegalArgumentException(
            value + " does not fit DECIMAL(" + precision + "," + scale + ")");
      }
      digits = "";
    }
    String padded = "0".repeat(precision - digits.length()) + digits;
    out.u8(precision).u8(scale);
    int integerDigits = precision - scale;
    int mask = scaled.signum() < 0 ? 0xff : 0;
    int flip = TOP_BIT;
    int at = 0;
    while (at < precision) {
      int left = at < integerDigits ? integerDigits - at : precision - at;
      int take = at < integerDigits && left % WORD_DIGITS != 0 ? left % WORD_DIGITS : left;
      take = Math.min(take, WORD_DIGITS);
      int word = Integer.parseInt(padded, at, at + take, 10);
      for (int shift = 8 * (BYTES_OF_DIGITS[take] - 1); shift >= 0; shift -= 8) {
        out.u8((word >>> shift ^ mask ^ flip) & 0xff);
        flip = 0;
      }
      at += take;
    }
  }
}
