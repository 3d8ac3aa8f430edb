package org.tidbbinlog.codec.row;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.json.BinaryJson;
import org.tidbbinlog.codec.schema.ColumnFlag;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.FieldType;
import org.tidbbinlog.codec.value.ColumnValue;

/**
 * The value of a column in rows that were written before it was there: its origin default, else
 * NULL, else the type's zero. Source: row-format section 8.
 */
final class OriginDefault {
  private OriginDefault() {}

  static ColumnValue of(ColumnInfo column) {
    FieldType type = column.type();
    JsonNode origin = column.originDefault();
    ValueShape shape = ValueShape.of(type);
    if (shape == ValueShape.BIT && !column.originDefaultBit().isEmpty()) {
      return bit(column);
    }
    if (!origin.isNull()) {
      return given(type, shape, origin.asText());
    }
    return type.has(ColumnFlag.NOT_NULL) ? zero(type, shape) : ColumnValue.Null.NULL;
  }

  private static ColumnValue given(FieldType type, ValueShape shape, String text) {
    return switch (shape) {
      // A number may be written as 7.0 or, by a default of another type, as 1e2.
      case SIGNED, UNSIGNED -> ValueParser.parse(type, wholeText(text));
      // Also a text that looks like hexadecimal digits is meant as it is.
      case BINARY ->
          new ColumnValue.Binary(ValueParser.padded(type, text.getBytes(StandardCharsets.UTF_8)));
      default -> ValueParser.parse(type, text);
    };
  }

  private static String wholeText(String text) {
    if (text.indexOf('.') < 0 && text.indexOf('e') < 0 && text.indexOf('E') < 0) {
      return text;
    }
    try {
      return new BigDecimal(text).toBigInteger().toString();
    } catch (NumberFormatException e) {
      return text;
    }
  }

  private static ColumnValue bit(ColumnInfo column) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(column.originDefaultBit());
    } catch (IllegalArgumentException e) {
      throw new DecodeException("not base64", 0, column.originDefaultBit());
    }
    long value = 0;
    for (byte next : bytes) {
      value = value << 8 | (next & 0xff);
    }
    return new ColumnValue.Bits(value, Math.max(1, column.type().flen()));
  }

  private static ColumnValue zero(FieldType type, ValueShape shape) {
    return switch (shape) {
      case SIGNED, UNSIGNED, FLOAT, DOUBLE, DECIMAL, BIT -> ValueParser.parse(type, "0");
      case TEXT, BINARY, SET -> ValueParser.parse(type, "");
      case DATE, DATETIME, TIMESTAMP -> ValueParser.parse(type, "0000-00-00 00:00:00");
      case DURATION -> ValueParser.parse(type, "00:00:00");
      case ENUM ->
          type.elems().isEmpty()
              ? new ColumnValue.EnumMember(0, "")
              : new ColumnValue.EnumMember(1, type.elems().get(0));
      case JSON -> new ColumnValue.Json(BinaryJson.ofText("null"));
      case UNKNOWN -> ColumnValue.Null.NULL;
    };
  }
}
