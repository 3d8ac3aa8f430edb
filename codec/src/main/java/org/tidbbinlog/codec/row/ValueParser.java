package org.tidbbinlog.codec.row;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.json.BinaryJson;
import org.tidbbinlog.codec.schema.FieldType;
import org.tidbbinlog.codec.schema.MysqlType;
import org.tidbbinlog.codec.time.TimeParser;
import org.tidbbinlog.codec.value.ColumnValue;

/**
 * Text to a typed value of a column: for defaults, generators and comparisons. TIMESTAMPs are taken
 * as UTC, ENUM and SET by name (by number when no member has that name), BIT as a decimal number,
 * bytes of binary columns as {@code 0x...} or as the text's own. Source: row-format sections 7 and
 * 8.
 */
public final class ValueParser {
  private ValueParser() {}

  /**
   * @throws DecodeException when the text is no value of the type
   */
  public static ColumnValue parse(FieldType type, String text) {
    try {
      return value(type, text);
    } catch (IllegalArgumentException e) {
      throw invalid(type, text);
    }
  }

  private static ColumnValue value(FieldType type, String text) {
    int fsp = Math.max(0, Math.min(6, type.decimal()));
    return switch (ValueShape.of(type)) {
      case SIGNED -> new ColumnValue.Signed(Long.parseLong(text));
      case UNSIGNED -> new ColumnValue.Unsigned(Long.parseUnsignedLong(text));
      case FLOAT -> new ColumnValue.Float32(Float.parseFloat(text));
      case DOUBLE -> new ColumnValue.Float64(Double.parseDouble(text));
      case DECIMAL -> new ColumnValue.Decimal(decimal(type, text));
      case TEXT -> new ColumnValue.Text(text.getBytes(StandardCharsets.UTF_8));
      case BINARY -> new ColumnValue.Binary(padded(type, binary(text)));
      case DATE ->
          new ColumnValue.DateTime(TimeParser.date(text), ColumnValue.DateTimeType.DATE, 0);
      case DATETIME ->
          new ColumnValue.DateTime(
              TimeParser.dateTime(text), ColumnValue.DateTimeType.DATETIME, fsp);
      case TIMESTAMP ->
          new ColumnValue.DateTime(
              TimeParser.dateTime(text), ColumnValue.DateTimeType.TIMESTAMP, fsp);
      case DURATION -> new ColumnValue.Duration(TimeParser.duration(text), fsp);
      case ENUM -> enumMember(type, text);
      case SET -> setMembers(type, text);
      case BIT -> new ColumnValue.Bits(Long.parseUnsignedLong(text), Math.max(1, type.flen()));
      case JSON -> new ColumnValue.Json(BinaryJson.ofText(text));
      case UNKNOWN -> throw invalid(type, text);
    };
  }

  private static BigDecimal decimal(FieldType type, String text) {
    BigDecimal value = new BigDecimal(text);
    return type.decimal() < 0 ? value : value.setScale(type.decimal(), RoundingMode.HALF_UP);
  }

  private static byte[] binary(String text) {
    return text.startsWith("0x")
        ? HexFormat.of().parseHex(text, 2, text.length())
        : text.getBytes(StandardCharsets.UTF_8);
  }

  /** BINARY(n) is padded with zero bytes. */
  static byte[] padded(FieldType type, byte[] bytes) {
    return type.tp() == MysqlType.STRING && bytes.length < type.flen()
        ? Arrays.copyOf(bytes, type.flen())
        : bytes;
  }

  private static ColumnValue enumMember(FieldType type, String text) {
    int index = indexOf(type.elems(), text);
    if (index >= 0) {
      return new ColumnValue.EnumMember(index + 1, type.elems().get(index));
    }
    if (text.isEmpty()) {
      return new ColumnValue.EnumMember(0, "");
    }
    int number = Integer.parseInt(text);
    return number > 0 && number <= type.elems().size()
        ? new ColumnValue.EnumMember(number, type.elems().get(number - 1))
        : new ColumnValue.EnumMember(0, "");
  }

  private static ColumnValue setMembers(FieldType type, String text) {
    long bits = 0;
    if (!text.isEmpty()) {
      for (String name : text.split(",", -1)) {
        int index = indexOf(type.elems(), name);
        if (index < 0) {
          bits = Long.parseUnsignedLong(text);
          break;
        }
        bits |= 1L << index;
      }
    }
    return new ColumnCodec(type).ofBits(bits, ByteCursor.over(new byte[0]));
  }

  private static int indexOf(List<String> elems, String name) {
    int exact = elems.indexOf(name);
    if (exact >= 0) {
      return exact;
    }
    for (int i = 0; i < elems.size(); i++) {
      if (elems.get(i).equalsIgnoreCase(name)) {
        return i;
      }
    }
    return -1;
  }

  private static DecodeException invalid(FieldType type, String text) {
    return new DecodeException("no value of column type " + type.tp(), 0, text);
  }
}
