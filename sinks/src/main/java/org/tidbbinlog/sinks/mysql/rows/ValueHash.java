package org.tidbbinlog.sinks.mysql.rows;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.sinks.mysql.target.TargetColumn;
import org.tidbbinlog.sinks.mysql.target.UniqueKey;

/**
 * 64-bit hashes of values such that what the target takes for equal hashes alike. Tuples are mixed
 * value by value, so that no joining text can make two different keys one by accident of a
 * separator.
 */
final class ValueHash {
  private ValueHash() {}

  static long mix(long seed, long value) {
    long h = (seed ^ value) * 0x9E3779B97F4A7C15L;
    h ^= h >>> 32;
    h *= 0xD6E8FEB86659FD93L;
    return h ^ (h >>> 29);
  }

  static long of(String text) {
    long h = 0xCBF29CE484222325L;
    for (int i = 0; i < text.length(); i++) {
      h = (h ^ text.charAt(i)) * 0x100000001B3L;
    }
    return mix(h, text.length());
  }

  /** As part of a unique key: by the column's collation and the key's prefix. */
  static long ofKeyPart(ColumnValue value, TargetColumn column, int prefix) {
    return switch (value.kind()) {
      case TEXT -> ofText(((ColumnValue.Text) value).utf8(), column, prefix);
      case BINARY -> ofBytes(((ColumnValue.Binary) value).bytes(), prefix);
      default -> exact(value);
    };
  }

  /** The value as it is, for rows without a key. */
  static long exact(ColumnValue value) {
    return switch (value.kind()) {
      case NULL -> 0x6E756C6CL;
      case SIGNED -> ((ColumnValue.Signed) value).value();
      case UNSIGNED -> ((ColumnValue.Unsigned) value).value();
      case FLOAT -> Double.doubleToLongBits(((ColumnValue.Float32) value).value() + 0.0);
      case DOUBLE -> Double.doubleToLongBits(((ColumnValue.Float64) value).value() + 0.0);
      case DECIMAL -> ofDecimal(((ColumnValue.Decimal) value).value());
      case TEXT -> Arrays.hashCode(((ColumnValue.Text) value).utf8());
      case BINARY -> Arrays.hashCode(((ColumnValue.Binary) value).bytes());
      case DATE_TIME -> ((ColumnValue.DateTime) value).packed();
      case DURATION -> ((ColumnValue.Duration) value).nanos();
      case ENUM -> ((ColumnValue.EnumMember) value).number();
      case SET -> ((ColumnValue.SetMembers) value).bits();
      case BIT -> ((ColumnValue.Bits) value).value();
      case JSON -> Arrays.hashCode(((ColumnValue.Json) value).binary());
    };
  }

  private static long ofDecimal(BigDecimal value) {
    return value.signum() == 0 ? 0 : value.stripTrailingZeros().hashCode();
  }

  private static long ofText(byte[] utf8, TargetColumn column, int prefix) {
    String text = new String(utf8, StandardCharsets.UTF_8);
    if (prefix != UniqueKey.WHOLE && text.codePointCount(0, text.length()) > prefix) {
      text = text.substring(0, text.offsetByCodePoints(0, prefix));
    }
    return of(column.isBinaryCollation() ? withoutPadding(text) : CollationFold.fold(text));
  }

  private static String withoutPadding(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == ' ') {
      end--;
    }
    return text.substring(0, end);
  }

  private static long ofBytes(byte[] bytes, int prefix) {
    boolean cut = prefix != UniqueKey.WHOLE && bytes.length > prefix;
    return Arrays.hashCode(cut ? Arrays.copyOf(bytes, prefix) : bytes);
  }
}
