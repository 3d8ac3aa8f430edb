package org.tidbbinlog.sinks.relay;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.bytes.ByteWriter;
import org.tidbbinlog.codec.value.ColumnValue;

/**
 * A value as the relay log holds it: one byte of kind, then its parts. Numbers are varints (zigzag
 * where signed), texts and bytes have their length before them.
 */
final class ValueCodec {
  private ValueCodec() {}

  static void write(ColumnValue value, ByteWriter out) {
    out.u8(code(value.kind()));
    switch (value.kind()) {
      case NULL -> {}
      case SIGNED -> out.varint(((ColumnValue.Signed) value).value());
      case UNSIGNED -> out.be64(((ColumnValue.Unsigned) value).value());
      case FLOAT -> out.be(Float.floatToRawIntBits(((ColumnValue.Float32) value).value()), 4);
      case DOUBLE -> out.be64(Double.doubleToRawLongBits(((ColumnValue.Float64) value).value()));
      case DECIMAL -> text(((ColumnValue.Decimal) value).value().toString(), out);
      case TEXT -> bytes(((ColumnValue.Text) value).utf8(), out);
      case BINARY -> bytes(((ColumnValue.Binary) value).bytes(), out);
      case DATE_TIME -> {
        ColumnValue.DateTime time = (ColumnValue.DateTime) value;
        out.be64(time.packed()).u8(code(time.type())).u8(time.fsp());
      }
      case DURATION -> {
        ColumnValue.Duration duration = (ColumnValue.Duration) value;
        out.varint(duration.nanos()).u8(duration.fsp());
      }
      case ENUM -> {
        ColumnValue.EnumMember member = (ColumnValue.EnumMember) value;
        text(member.name(), out.varint(member.number()));
      }
      case SET -> {
        ColumnValue.SetMembers members = (ColumnValue.SetMembers) value;
        text(members.names(), out.be64(members.bits()));
      }
      case BIT -> {
        ColumnValue.Bits bits = (ColumnValue.Bits) value;
        out.be64(bits.value()).varint(bits.width());
      }
      case JSON -> bytes(((ColumnValue.Json) value).binary(), out);
    }
  }

  static ColumnValue read(ByteCursor in) {
    int code = in.u8();
    return switch (code) {
      case 0 -> ColumnValue.Null.NULL;
      case 1 -> new ColumnValue.Signed(in.varint());
      case 2 -> new ColumnValue.Unsigned(in.be64());
      case 3 -> new ColumnValue.Float32(Float.intBitsToFloat(in.be32()));
      case 4 -> new ColumnValue.Float64(Double.longBitsToDouble(in.be64()));
      case 5 -> new ColumnValue.Decimal(new BigDecimal(text(in)));
      case 6 -> new ColumnValue.Text(bytes(in));
      case 7 -> new ColumnValue.Binary(bytes(in));
      case 8 -> new ColumnValue.DateTime(in.be64(), type(in), in.u8());
      case 9 -> new ColumnValue.Duration(in.varint(), in.u8());
      case 10 -> new ColumnValue.EnumMember(in.varint(), text(in));
      case 11 -> new ColumnValue.SetMembers(in.be64(), text(in));
      case 12 -> new ColumnValue.Bits(in.be64(), (int) in.varint());
      case 13 -> new ColumnValue.Json(bytes(in));
      default -> throw in.fail("unknown kind of value " + code);
    };
  }

  private static int code(ColumnValue.Kind kind) {
    return switch (kind) {
      case NULL -> 0;
      case SIGNED -> 1;
      case UNSIGNED -> 2;
      case FLOAT -> 3;
      case DOUBLE -> 4;
      case DECIMAL -> 5;
      case TEXT -> 6;
      case BINARY -> 7;
      case DATE_TIME -> 8;
      case DURATION -> 9;
      case ENUM -> 10;
      case SET -> 11;
      case BIT -> 12;
      case JSON -> 13;
    };
  }

  private static int code(ColumnValue.DateTimeType type) {
    return switch (type) {
      case DATE -> 0;
      case DATETIME -> 1;
      case TIMESTAMP -> 2;
    };
  }

  private static ColumnValue.DateTimeType type(ByteCursor in) {
    int code = in.u8();
    return switch (code) {
      case 0 -> ColumnValue.DateTimeType.DATE;
      case 1 -> ColumnValue.DateTimeType.DATETIME;
      case 2 -> ColumnValue.DateTimeType.TIMESTAMP;
      default -> throw in.fail("unknown kind of time " + code);
    };
  }

  static void bytes(byte[] bytes, ByteWriter out) {
    out.uvarint(bytes.length).bytes(bytes);
  }

  static void text(String text, ByteWriter out) {
    bytes(text.getBytes(StandardCharsets.UTF_8), out);
  }

  static byte[] bytes(ByteCursor in) {
    return in.bytes(in.requireLength(in.uvarint(), "bytes"));
  }

  static String text(ByteCursor in) {
    return new String(bytes(in), StandardCharsets.UTF_8);
  }
}
