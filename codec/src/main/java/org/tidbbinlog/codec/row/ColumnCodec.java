package org.tidbbinlog.codec.row;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.bytes.ComparableBytes;
import org.tidbbinlog.codec.datum.DatumFlag;
import org.tidbbinlog.codec.datum.Datums;
import org.tidbbinlog.codec.json.BinaryJson;
import org.tidbbinlog.codec.number.DecimalBytes;
import org.tidbbinlog.codec.number.FloatBits;
import org.tidbbinlog.codec.schema.FieldType;
import org.tidbbinlog.codec.value.ColumnValue;

/**
 * Values of one column type from datums (any form: the flag decides) and from cells of a row v2.
 * Immutable, so shared by all rows of a table. Source: row-format sections 2, 6 and 7.
 */
final class ColumnCodec {
  private static final long SIGN = 1L << 63;
  private static final int MAX_FSP = 6;

  private final FieldType type;
  private final ValueShape shape;
  private final int fsp;
  private final List<ColumnValue> members;

  ColumnCodec(FieldType type) {
    this.type = type;
    this.shape = ValueShape.of(type);
    this.fsp = Math.max(0, Math.min(MAX_FSP, type.decimal()));
    this.members = shape == ValueShape.ENUM ? enumMembers(type.elems()) : List.of();
  }

  /** All values of an ENUM by number, made once. */
  private static List<ColumnValue> enumMembers(List<String> elems) {
    List<ColumnValue> members = new ArrayList<>(elems.size() + 1);
    members.add(new ColumnValue.EnumMember(0, ""));
    for (String elem : elems) {
      members.add(new ColumnValue.EnumMember(members.size(), elem));
    }
    return List.copyOf(members);
  }

  ValueShape shape() {
    return shape;
  }

  FieldType type() {
    return type;
  }

  /** Reads one datum. */
  ColumnValue decode(ByteCursor in) {
    int flag = in.u8();
    return switch (flag) {
      case DatumFlag.NULL -> ColumnValue.Null.NULL;
      case DatumFlag.VARINT -> ofBits(in.varint(), in);
      case DatumFlag.UVARINT -> ofBits(in.uvarint(), in);
      case DatumFlag.COMPACT_BYTES -> ofBytes(in.bytes(Datums.compactLength(in)), in);
      case DatumFlag.FLOAT -> ofDouble(FloatBits.decode(in.be64()), in);
      case DatumFlag.DECIMAL -> ofDecimal(DecimalBytes.decode(in), in);
      case DatumFlag.JSON -> ofJson(in.bytes(BinaryJson.size(in)), in);
      case DatumFlag.INT, DatumFlag.DURATION -> ofBits(in.be64() ^ SIGN, in);
      case DatumFlag.UINT -> ofBits(in.be64(), in);
      case DatumFlag.BYTES -> ofBytes(ComparableBytes.decode(in), in);
      default -> throw Datums.unknownFlag(in, flag);
    };
  }

  /** Reads the rest of the cursor as a cell of a row v2. */
  ColumnValue decodeCell(ByteCursor cell) {
    ColumnValue value =
        switch (shape) {
          case SIGNED, DURATION -> ofBits(signedCell(cell), cell);
          case UNSIGNED, DATE, DATETIME, TIMESTAMP, ENUM, SET, BIT ->
              ofBits(unsignedCell(cell), cell);
          case FLOAT, DOUBLE -> ofDouble(FloatBits.decode(cell.be64()), cell);
          case DECIMAL -> ofDecimal(DecimalBytes.decode(cell), cell);
          case TEXT, BINARY -> ofBytes(cell.bytes(cell.remaining()), cell);
          case JSON -> ofJson(cell.bytes(BinaryJson.size(cell)), cell);
          case UNKNOWN -> throw mismatch("a cell", cell);
        };
    if (cell.hasRemaining()) {
      throw cell.fail("bytes after a cell");
    }
    return value;
  }

  private static long signedCell(ByteCursor cell) {
    int size = cell.remaining();
    int shift = Long.SIZE - Byte.SIZE * size;
    return unsignedCell(cell) << shift >> shift;
  }

  private static long unsignedCell(ByteCursor cell) {
    return switch (cell.remaining()) {
      case 1 -> cell.u8();
      case 2 -> cell.le16();
      case 4 -> Integer.toUnsignedLong(cell.le32());
      case 8 -> cell.le64();
      default -> throw cell.fail("an integer cell of " + cell.remaining() + " bytes");
    };
  }

  /** A value from 64 bits: integers, times, ENUM, SET and BIT. */
  ColumnValue ofBits(long bits, ByteCursor at) {
    return switch (shape) {
      case SIGNED -> new ColumnValue.Signed(bits);
      case UNSIGNED -> new ColumnValue.Unsigned(bits);
      case DATE -> new ColumnValue.DateTime(bits, ColumnValue.DateTimeType.DATE, 0);
      case DATETIME -> new ColumnValue.DateTime(bits, ColumnValue.DateTimeType.DATETIME, fsp);
      case TIMESTAMP -> new ColumnValue.DateTime(bits, ColumnValue.DateTimeType.TIMESTAMP, fsp);
      case DURATION -> new ColumnValue.Duration(bits, fsp);
      case ENUM -> members.get(bits > 0 && bits < members.size() ? (int) bits : 0);
      case SET -> new ColumnValue.SetMembers(bits, names(bits, at));
      case BIT -> new ColumnValue.Bits(bits, Math.max(1, type.flen()));
      case FLOAT, DOUBLE, DECIMAL, TEXT, BINARY, JSON, UNKNOWN -> throw mismatch("an integer", at);
    };
  }

  private ColumnValue ofBytes(byte[] bytes, ByteCursor at) {
    return switch (shape) {
      case TEXT -> new ColumnValue.Text(bytes);
      case BINARY -> new ColumnValue.Binary(bytes);
      default -> throw mismatch("bytes", at);
    };
  }

  private ColumnValue ofDouble(double value, ByteCursor at) {
    return switch (shape) {
      case FLOAT -> new ColumnValue.Float32((float) value);
      case DOUBLE -> new ColumnValue.Float64(value);
      default -> throw mismatch("a float", at);
    };
  }

  private ColumnValue ofDecimal(BigDecimal value, ByteCursor at) {
    if (shape != ValueShape.DECIMAL) {
      throw mismatch("a decimal", at);
    }
    return new ColumnValue.Decimal(value);
  }

  private ColumnValue ofJson(byte[] binary, ByteCursor at) {
    if (shape != ValueShape.JSON) {
      throw mismatch("JSON", at);
    }
    return new ColumnValue.Json(binary);
  }

  /** Names of the members whose bits are set, joined by comma. */
  private String names(long bits, ByteCursor at) {
    int known = type.elems().size();
    if (known < Long.SIZE && bits >>> known != 0) {
      throw at.fail("a set value with bits beyond its " + known + " members");
    }
    StringBuilder names = new StringBuilder();
    for (long rest = bits; rest != 0; rest &= rest - 1) {
      names.append(names.isEmpty() ? "" : ",");
      names.append(type.elems().get(Long.numberOfTrailingZeros(rest)));
    }
    return names.toString();
  }

  private DecodeException mismatch(String found, ByteCursor at) {
    return at.fail(found + " in a column of type " + type.tp() + " (" + shape + ")");
  }
}
