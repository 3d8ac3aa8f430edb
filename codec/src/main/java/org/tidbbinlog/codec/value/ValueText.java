package org.tidbbinlog.codec.value;

import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HexFormat;
import org.tidbbinlog.codec.json.BinaryJson;
import org.tidbbinlog.codec.number.FloatText;
import org.tidbbinlog.codec.time.PackedTime;
import org.tidbbinlog.codec.time.TimeText;

/**
 * Column values as text: what SQL targets are given (ENUM, SET and BIT as numbers, times, decimals
 * and JSON as text), with NULL as {@code NULL} and bytes as {@code 0x...}. Source: row-format
 * section 7.
 */
public final class ValueText {
  private ValueText() {}

  /** With TIMESTAMPs in UTC. */
  public static String of(ColumnValue value) {
    return of(value, ZoneOffset.UTC);
  }

  /** With TIMESTAMPs in a zone. */
  public static String of(ColumnValue value, ZoneId timestampZone) {
    return switch (value.kind()) {
      case NULL -> "NULL";
      case SIGNED -> Long.toString(((ColumnValue.Signed) value).value());
      case UNSIGNED -> Long.toUnsignedString(((ColumnValue.Unsigned) value).value());
      case FLOAT -> FloatText.of(((ColumnValue.Float32) value).value());
      case DOUBLE -> FloatText.of(((ColumnValue.Float64) value).value());
      case DECIMAL -> ((ColumnValue.Decimal) value).value().toPlainString();
      case TEXT -> new String(((ColumnValue.Text) value).utf8(), StandardCharsets.UTF_8);
      case BINARY -> hex(((ColumnValue.Binary) value).bytes());
      case DATE_TIME -> dateTime((ColumnValue.DateTime) value, timestampZone);
      case DURATION -> duration((ColumnValue.Duration) value);
      case ENUM -> Long.toString(((ColumnValue.EnumMember) value).number());
      case SET -> Long.toUnsignedString(((ColumnValue.SetMembers) value).bits());
      case BIT -> Long.toUnsignedString(((ColumnValue.Bits) value).value());
      case JSON -> BinaryJson.text(((ColumnValue.Json) value).binary());
    };
  }

  /** For people: like {@link #of}, but ENUM and SET as {@code number:names}, BIT with its bytes. */
  public static String verbose(ColumnValue value, ZoneId timestampZone) {
    String text = of(value, timestampZone);
    return switch (value.kind()) {
      case ENUM -> text + ":" + ((ColumnValue.EnumMember) value).name();
      case SET -> text + ":" + ((ColumnValue.SetMembers) value).names();
      case BIT -> text + ":" + hex(bytes((ColumnValue.Bits) value));
      default -> text;
    };
  }

  /** A BIT value as its column's number of bytes, highest first. */
  public static byte[] bytes(ColumnValue.Bits bits) {
    byte[] bytes = new byte[(bits.width() + 7) / 8];
    long rest = bits.value();
    for (int i = bytes.length - 1; i >= 0; i--) {
      bytes[i] = (byte) rest;
      rest >>>= 8;
    }
    return bytes;
  }

  private static String dateTime(ColumnValue.DateTime time, ZoneId timestampZone) {
    return switch (time.type()) {
      case DATE -> TimeText.ofDate(time.packed());
      case DATETIME -> TimeText.ofDateTime(time.packed(), time.fsp());
      case TIMESTAMP ->
          TimeText.ofDateTime(PackedTime.fromUtc(time.packed(), timestampZone), time.fsp());
    };
  }

  private static String duration(ColumnValue.Duration duration) {
    return TimeText.ofDuration(duration.nanos(), duration.fsp());
  }

  private static String hex(byte[] bytes) {
    return "0x" + HexFormat.of().formatHex(bytes);
  }
}
