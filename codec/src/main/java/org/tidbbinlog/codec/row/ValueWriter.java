package org.tidbbinlog.codec.row;

import java.math.BigDecimal;
import org.tidbbinlog.codec.bytes.ByteWriter;
import org.tidbbinlog.codec.bytes.ComparableBytes;
import org.tidbbinlog.codec.datum.DatumFlag;
import org.tidbbinlog.codec.number.DecimalBytes;
import org.tidbbinlog.codec.number.FloatBits;
import org.tidbbinlog.codec.schema.FieldType;
import org.tidbbinlog.codec.value.ColumnValue;

/**
 * Values of one column type as bytes: value-form datums of binlog rows, key-form datums of keys,
 * datums of an inserted row's handle, cells of a row v2. Source: row-format sections 2, 4, 6 and 7.
 */
final class ValueWriter {
  private static final long SIGN = 1L << 63;
  private static final int DEFAULT_PRECISION = 10;

  private final FieldType type;
  private final String keyCollate;

  /**
   * @param keyCollate collation of strings in keys, "binary" for raw bytes
   */
  ValueWriter(FieldType type, String keyCollate) {
    this.type = type;
    this.keyCollate = keyCollate;
  }

  /** The value-form datum of a binlog row. */
  void datum(ColumnValue value, ByteWriter out) {
    switch (value.kind()) {
      case NULL -> out.u8(DatumFlag.NULL);
      case SIGNED, DURATION -> out.u8(DatumFlag.VARINT).varint(bits(value));
      case UNSIGNED, DATE_TIME, ENUM, SET, BIT -> out.u8(DatumFlag.UVARINT).uvarint(bits(value));
      case FLOAT, DOUBLE -> out.u8(DatumFlag.FLOAT).be64(FloatBits.encode(number(value)));
      case DECIMAL -> decimal(value, out.u8(DatumFlag.DECIMAL));
      case TEXT, BINARY -> compact(bytes(value), out);
      case JSON -> out.u8(DatumFlag.JSON).bytes(((ColumnValue.Json) value).binary());
    }
  }

  /** The key-form datum, strings as sort keys. */
  void key(ColumnValue value, ByteWriter out) {
    switch (value.kind()) {
      case NULL -> out.u8(DatumFlag.NULL);
      case SIGNED -> out.u8(DatumFlag.INT).be64(bits(value) ^ SIGN);
      case DURATION -> out.u8(DatumFlag.DURATION).be64(bits(value) ^ SIGN);
      case UNSIGNED, DATE_TIME, ENUM, SET, BIT -> out.u8(DatumFlag.UINT).be64(bits(value));
      case FLOAT, DOUBLE -> out.u8(DatumFlag.FLOAT).be64(FloatBits.encode(number(value)));
      case DECIMAL -> decimal(value, out.u8(DatumFlag.DECIMAL));
      case TEXT, BINARY -> ComparableBytes.encode(sortKey(value), out.u8(DatumFlag.BYTES));
      case JSON -> throw new IllegalArgumentException("JSON in a key");
    }
  }

  /** What a common handle contributes to an inserted row: the key form written in value form. */
  void handle(ColumnValue value, ByteWriter out) {
    switch (value.kind()) {
      case TEXT, BINARY -> compact(sortKey(value), out);
      case DURATION -> key(value, out);
      default -> datum(value, out);
    }
  }

  /** A cell of a row v2; NULL has none. */
  void cell(ColumnValue value, ByteWriter out) {
    switch (value.kind()) {
      case NULL -> throw new IllegalArgumentException("NULL has no cell");
      case SIGNED, DURATION -> out.le(bits(value), signedBytes(bits(value)));
      case UNSIGNED, DATE_TIME, ENUM, SET, BIT -> out.le(bits(value), unsignedBytes(bits(value)));
      case FLOAT, DOUBLE -> out.be64(FloatBits.encode(number(value)));
      case DECIMAL -> decimal(value, out);
      case TEXT, BINARY -> out.bytes(bytes(value));
      case JSON -> out.bytes(((ColumnValue.Json) value).binary());
    }
  }

  private static int signedBytes(long bits) {
    if (bits == (byte) bits) {
      return 1;
    }
    if (bits == (short) bits) {
      return 2;
    }
    return bits == (int) bits ? 4 : 8;
  }

  private static int unsignedBytes(long bits) {
    if (bits >>> 8 == 0) {
      return 1;
    }
    if (bits >>> 16 == 0) {
      return 2;
    }
    return bits >>> 32 == 0 ? 4 : 8;
  }

  private static long bits(ColumnValue value) {
    return switch (value.kind()) {
      case SIGNED -> ((ColumnValue.Signed) value).value();
      case UNSIGNED -> ((ColumnValue.Unsigned) value).value();
      case DATE_TIME -> ((ColumnValue.DateTime) value).packed();
      case DURATION -> ((ColumnValue.Duration) value).nanos();
      case ENUM -> ((ColumnValue.EnumMember) value).number();
      case SET -> ((ColumnValue.SetMembers) value).bits();
      case BIT -> ((ColumnValue.Bits) value).value();
      case NULL, FLOAT, DOUBLE, DECIMAL, TEXT, BINARY, JSON ->
          throw new IllegalArgumentException(value.kind() + " is not 64 bits");
    };
  }

  private static double number(ColumnValue value) {
    return value.kind() == ColumnValue.Kind.FLOAT
        ? ((ColumnValue.Float32) value).value()
        : ((ColumnValue.Float64) value).value();
  }

  private static byte[] bytes(ColumnValue value) {
    return value.kind() == ColumnValue.Kind.TEXT
        ? ((ColumnValue.Text) value).utf8()
        : ((ColumnValue.Binary) value).bytes();
  }

  private byte[] sortKey(ColumnValue value) {
    return value.kind() == ColumnValue.Kind.TEXT
        ? SortKeys.of(keyCollate, bytes(value))
        : bytes(value);
  }

  private void decimal(ColumnValue value, ByteWriter out) {
    BigDecimal number = ((ColumnValue.Decimal) value).value();
    int precision = type.flen() > 0 ? type.flen() : DEFAULT_PRECISION;
    DecimalBytes.encode(number, precision, Math.max(0, type.decimal()), out);
  }

  private static void compact(byte[] bytes, ByteWriter out) {
    out.u8(DatumFlag.COMPACT_BYTES).varint(bytes.length).bytes(bytes);
  }
}
