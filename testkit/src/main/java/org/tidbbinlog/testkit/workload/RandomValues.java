package org.tidbbinlog.testkit.workload;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.tidbbinlog.codec.json.BinaryJson;
import org.tidbbinlog.codec.time.PackedTime;
import org.tidbbinlog.codec.value.ColumnValue;

/** Values of each type, the edges of their ranges more often than chance would bring them. */
final class RandomValues {
  private static final int[] POWER_OF_TEN = {1, 10, 100, 1_000, 10_000, 100_000, 1_000_000};
  private static final String[] WORDS = {
    "alpha",
    "Beta",
    "it's",
    "back\\slash",
    "\"quoted\"",
    "tab\there",
    "new\nline",
    "héllo",
    "世界",
    "🚀",
    "%_",
    "--",
    "/*x*/",
    "NULL",
    "0",
    ";"
  };
  private static final String[] NEAR_TEXTS = {"e", "be", "bee d", "a", "tree", "q", "x e", "ye"};
  private static final String[] DOCUMENTS = {
    "null",
    "true",
    "[]",
    "{}",
    "0",
    "-1",
    "18446744073709551615",
    "1.5",
    "\"\"",
    "\"it's\"",
    "{\"b\": 2, \"a\": [1, 2.5, \"s\", null, {\"n\": {}}]}",
    "[[], {\"世界\": \"🚀\\n\"}]"
  };

  private RandomValues() {}

  private static boolean edge(RandomGenerator random) {
    return random.nextInt(8) == 0;
  }

  /** A signed number of so many bits. */
  static long integer(RandomGenerator random, int bits) {
    long any = random.nextLong() >> (Long.SIZE - bits);
    if (!edge(random)) {
      return random.nextBoolean() ? any : any % 1_000;
    }
    long smallest = -1L << (bits - 1);
    return switch (random.nextInt(5)) {
      case 0 -> smallest;
      case 1 -> ~smallest;
      case 2 -> 0;
      case 3 -> -1;
      default -> 1;
    };
  }

  static ColumnValue float32(RandomGenerator random) {
    float value = edge(random) ? 0 : (float) (random.nextGaussian() * 1_000);
    return new ColumnValue.Float32(value);
  }

  static ColumnValue float64(RandomGenerator random) {
    if (edge(random)) {
      return new ColumnValue.Float64(random.nextBoolean() ? 1e300 : -2.5e-300);
    }
    return new ColumnValue.Float64(random.nextGaussian() * 1e6);
  }

  static ColumnValue decimal(RandomGenerator random, int precision, int scale) {
    int digits = edge(random) ? precision : 1 + random.nextInt(precision);
    StringBuilder text = new StringBuilder(digits);
    for (int i = 0; i < digits; i++) {
      text.append((char) ('0' + random.nextInt(10)));
    }
    BigInteger unscaled = new BigInteger(text.toString());
    return new ColumnValue.Decimal(
        new BigDecimal(random.nextBoolean() ? unscaled : unscaled.negate(), scale));
  }

  static ColumnValue date(RandomGenerator random) {
    return new ColumnValue.DateTime(
        PackedTime.pack(
            1000 + random.nextInt(9000),
            1 + random.nextInt(12),
            1 + random.nextInt(28),
            0,
            0,
            0,
            0),
        ColumnValue.DateTimeType.DATE,
        0);
  }

  static ColumnValue dateTime(RandomGenerator random, int fsp) {
    return new ColumnValue.DateTime(
        moment(random, 1000 + random.nextInt(9000), fsp), ColumnValue.DateTimeType.DATETIME, fsp);
  }

  static ColumnValue timestamp(RandomGenerator random, int fsp) {
    return new ColumnValue.DateTime(
        moment(random, 1971 + random.nextInt(66), fsp), ColumnValue.DateTimeType.TIMESTAMP, fsp);
  }

  private static long moment(RandomGenerator random, int year, int fsp) {
    return PackedTime.pack(
        year,
        1 + random.nextInt(12),
        1 + random.nextInt(28),
        random.nextInt(24),
        random.nextInt(60),
        random.nextInt(60),
        micros(random, fsp));
  }

  private static int micros(RandomGenerator random, int fsp) {
    int unit = POWER_OF_TEN[6 - fsp];
    return random.nextInt(1_000_000) / unit * unit;
  }

  static ColumnValue duration(RandomGenerator random, int fsp) {
    long seconds = random.nextInt(838 * 3_600);
    long nanos = (seconds * 1_000_000 + micros(random, fsp)) * 1_000;
    return new ColumnValue.Duration(random.nextBoolean() ? nanos : -nanos, fsp);
  }

  static ColumnValue year(RandomGenerator random) {
    return new ColumnValue.Signed(edge(random) ? 0 : 1901 + random.nextInt(255));
  }

  /** No blanks at the end: the targets' types treat those differently. */
  static ColumnValue text(RandomGenerator random, int maxChars) {
    StringBuilder text = new StringBuilder();
    int words = edge(random) ? 0 : 1 + random.nextInt(Math.max(1, maxChars / 8));
    for (int i = 0; i < words; i++) {
      String word = WORDS[random.nextInt(WORDS.length)];
      if (text.codePointCount(0, text.length()) + word.length() + 4 > maxChars) {
        break;
      }
      text.append(text.isEmpty() ? "" : " ").append(word).append(random.nextInt(100));
    }
    return new ColumnValue.Text(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Short texts of few letters in any case, some with blanks at their end. */
  static ColumnValue caselessText(RandomGenerator random, String moreLetters) {
    String letters = "aAbBeE" + moreLetters;
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(4); i >= 0; i--) {
      text.append(letters.charAt(random.nextInt(letters.length())));
    }
    text.append(" ".repeat(random.nextInt(4) == 0 ? 1 + random.nextInt(2) : 0));
    return new ColumnValue.Text(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** One of a few texts, in one of the ways to write it that its column's keys take for one. */
  static ColumnValue nearText(RandomGenerator random, ColumnSort sort) {
    String text = NEAR_TEXTS[random.nextInt(NEAR_TEXTS.length)];
    if (sort == ColumnSort.VARCHAR_UNICODE && random.nextInt(3) == 0) {
      text = text.replace('e', 'é');
    }
    if (sort != ColumnSort.VARCHAR && random.nextInt(3) == 0) {
      text = text.toUpperCase(Locale.ROOT);
    }
    text += " ".repeat(random.nextInt(3));
    return new ColumnValue.Text(text.getBytes(StandardCharsets.UTF_8));
  }

  static ColumnValue bytes(RandomGenerator random, int minBytes, int maxBytes) {
    byte[] bytes = new byte[minBytes + random.nextInt(maxBytes - minBytes + 1)];
    random.nextBytes(bytes);
    return new ColumnValue.Binary(bytes);
  }

  static ColumnValue enumMember(RandomGenerator random, List<String> elems) {
    int number = 1 + random.nextInt(elems.size());
    return new ColumnValue.EnumMember(number, elems.get(number - 1));
  }

  static ColumnValue setMembers(RandomGenerator random, List<String> elems) {
    long bits = random.nextInt(1 << elems.size());
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < elems.size(); i++) {
      if ((bits >> i & 1) != 0) {
        names.append(names.isEmpty() ? "" : ",").append(elems.get(i));
      }
    }
    return new ColumnValue.SetMembers(bits, names.toString());
  }

  static ColumnValue json(RandomGenerator random) {
    String document =
        edge(random)
            ? DOCUMENTS[random.nextInt(DOCUMENTS.length)]
            : "{\"n\": %d, \"w\": [\"w%d\", %b]}"
                .formatted(random.nextInt(), random.nextInt(100), random.nextBoolean());
    return new ColumnValue.Json(BinaryJson.ofText(document));
  }
}
