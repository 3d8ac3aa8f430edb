package org.tidbbinlog.sinks.mysql.rows;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.tidbbinlog.codec.time.TimeText;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.codec.value.ValueText;

/**
 * Values as SQL literals that arrive as they were: numbers as numbers, ENUM, SET and BIT by number,
 * times and decimals as text, bytes in hex. Source: mysql-translate section 5.
 */
final class LiteralWriter {
  private LiteralWriter() {}

  static void append(StringBuilder out, ColumnValue value) {
    switch (value.kind()) {
      case NULL -> out.append("NULL");
      case SIGNED -> out.append(((ColumnValue.Signed) value).value());
      case UNSIGNED -> appendUnsigned(out, ((ColumnValue.Unsigned) value).value());
      case FLOAT -> appendNumber(out, Float.toString(((ColumnValue.Float32) value).value()));
      case DOUBLE -> appendNumber(out, Double.toString(((ColumnValue.Float64) value).value()));
      case DECIMAL -> out.append(((ColumnValue.Decimal) value).value().toPlainString());
      case TEXT -> appendText(out, ((ColumnValue.Text) value).utf8());
      case BINARY -> SqlText.appendBytes(out, ((ColumnValue.Binary) value).bytes());
      case DATE_TIME -> appendTime(out, (ColumnValue.DateTime) value);
      case DURATION -> appendDuration(out, (ColumnValue.Duration) value);
      case ENUM -> appendUnsigned(out, ((ColumnValue.EnumMember) value).number());
      case SET -> appendUnsigned(out, ((ColumnValue.SetMembers) value).bits());
      case BIT -> appendUnsigned(out, ((ColumnValue.Bits) value).value());
      case JSON -> SqlText.appendString(out, ValueText.of(value));
    }
  }

  /** Times stay in UTC, as the session is. */
  private static void appendTime(StringBuilder out, ColumnValue.DateTime time) {
    out.append('\'');
    if (time.type() == ColumnValue.DateTimeType.DATE) {
      TimeText.appendDate(out, time.packed());
    } else {
      TimeText.appendDateTime(out, time.packed(), time.fsp());
    }
    out.append('\'');
  }

  private static void appendDuration(StringBuilder out, ColumnValue.Duration duration) {
    out.append('\'');
    TimeText.appendDuration(out, duration.nanos(), duration.fsp());
    out.append('\'');
  }

  /** The empty ENUM is a value that strict mode refuses. */
  static boolean needsLenientMode(ColumnValue value) {
    return value.kind() == ColumnValue.Kind.ENUM && ((ColumnValue.EnumMember) value).number() == 0;
  }

  /** A floating literal: the exponent keeps the server from reading a decimal. */
  static void appendNumber(StringBuilder out, String javaText) {
    out.append(javaText);
    if (javaText.indexOf('E') < 0) {
      out.append("E0");
    }
  }

  private static void appendUnsigned(StringBuilder out, long value) {
    if (value >= 0) {
      out.append(value);
    } else {
      out.append(Long.toUnsignedString(value));
    }
  }

  private static void appendText(StringBuilder out, byte[] utf8) {
    String text = new String(utf8, StandardCharsets.UTF_8);
    if (text.indexOf('\uFFFD') >= 0 && !isValid(utf8)) {
      SqlText.appendBytes(out, utf8);
    } else {
      SqlText.appendString(out, text);
    }
  }

  private static boolean isValid(byte[] utf8) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
