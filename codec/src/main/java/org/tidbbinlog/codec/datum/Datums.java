package org.tidbbinlog.codec.datum;

import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.bytes.ByteWriter;
import org.tidbbinlog.codec.bytes.ComparableBytes;
import org.tidbbinlog.codec.json.BinaryJson;
import org.tidbbinlog.codec.number.DecimalBytes;

/** Datums as such, whatever column they belong to. Source: row-format sections 2 and 4. */
public final class Datums {
  private static final long SIGN = 1L << 63;

  private Datums() {}

  /** Steps over one datum of any form. */
  public static void skip(ByteCursor in) {
    int flag = in.u8();
    switch (flag) {
      case DatumFlag.NULL, DatumFlag.MAX_VALUE -> {}
      case DatumFlag.BYTES -> ComparableBytes.skip(in);
      case DatumFlag.COMPACT_BYTES -> in.skip(compactLength(in));
      case DatumFlag.INT, DatumFlag.UINT, DatumFlag.FLOAT, DatumFlag.DURATION -> in.skip(8);
      case DatumFlag.DECIMAL -> DecimalBytes.skip(in);
      case DatumFlag.VARINT, DatumFlag.UVARINT -> in.uvarint();
      case DatumFlag.JSON -> in.skip(BinaryJson.size(in));
      default -> throw unknownFlag(in, flag);
    }
  }

  /** The length of compact bytes, checked against the input; the bytes come next. */
  public static int compactLength(ByteCursor in) {
    return in.requireLength(in.varint(), "compact bytes");
  }

  /** An integer datum of any form, as 64 bits. */
  public static long integer(ByteCursor in) {
    int flag = in.u8();
    return switch (flag) {
      case DatumFlag.VARINT -> in.varint();
      case DatumFlag.UVARINT -> in.uvarint();
      case DatumFlag.INT -> in.be64() ^ SIGN;
      case DatumFlag.UINT -> in.be64();
      default -> throw in.fail("an integer datum was expected, found flag " + flag);
    };
  }

  public static RuntimeException unknownFlag(ByteCursor in, int flag) {
    return in.fail("unknown datum flag " + flag);
  }

  /**
   * A common handle as its key holds it (key-form datums, 00 pads at the end) to the value-form
   * datums that begin an inserted row.
   */
  public static byte[] handleToValueForm(byte[] keyForm) {
    ByteCursor in = ByteCursor.over(keyForm);
    ByteWriter out = new ByteWriter(keyForm.length);
    while (in.hasRemaining() && in.peek() != DatumFlag.NULL) {
      int start = in.offset();
      int flag = in.u8();
      switch (flag) {
        case DatumFlag.BYTES -> {
          byte[] bytes = ComparableBytes.decode(in);
          out.u8(DatumFlag.COMPACT_BYTES).varint(bytes.length).bytes(bytes);
        }
        case DatumFlag.INT -> out.u8(DatumFlag.VARINT).varint(in.be64() ^ SIGN);
        case DatumFlag.UINT -> out.u8(DatumFlag.UVARINT).uvarint(in.be64());
        default -> {
          in.seek(start);
          skip(in);
          out.bytes(keyForm, start, in.offset() - start);
        }
      }
    }
    return out.toBytes();
  }
}
