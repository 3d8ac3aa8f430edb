package org.tidbbinlog.codec.json;

import java.nio.charset.StandardCharsets;
import org.tidbbinlog.codec.bytes.ByteCursor;

/**
 * TiDB's binary JSON: a type byte and a body, little-endian inside.
 *
 * <pre>
 * object | 01 | count u32 | size u32 | (key offset u32, length u16)* | (type, offset u32)* | keys | values |
 * array  | 03 | count u32 | size u32 | (type, offset u32)*           | values |
 * </pre>
 *
 * Offsets count from the container's own count field; the size includes the header. Source:
 * row-format section 3.
 */
public final class BinaryJson {
  private BinaryJson() {}

  /** Bytes of the value that starts at the cursor, type byte included; the cursor stays. */
  public static int size(ByteCursor in) {
    int start = in.offset();
    int type = in.u8();
    switch (type) {
      case JsonType.OBJECT, JsonType.ARRAY -> {
        ByteCursor body = in.window(in.remaining());
        body.le32();
        long size = Integer.toUnsignedLong(body.le32());
        in.skip(in.requireLength(size, "JSON container"));
      }
      case JsonType.LITERAL -> in.skip(1);
      case JsonType.STRING -> in.skip(in.requireLength(in.uvarint(), "JSON string"));
      case JsonType.OPAQUE -> {
        in.skip(1);
        in.skip(in.requireLength(in.uvarint(), "JSON opaque value"));
      }
      case JsonType.DURATION -> in.skip(12);
      case JsonType.INT64,
          JsonType.UINT64,
          JsonType.DOUBLE,
          JsonType.DATE,
          JsonType.DATETIME,
          JsonType.TIMESTAMP ->
          in.skip(8);
      default -> throw in.fail("unknown JSON type " + type);
    }
    int size = in.offset() - start;
    in.seek(start);
    return size;
  }

  /** The text form that SQL targets get. */
  public static String text(byte[] binary) {
    return new String(textUtf8(binary), StandardCharsets.UTF_8);
  }

  /** {@link #text} as bytes: strings that are no valid UTF-8 come out as they are stored. */
  public static byte[] textUtf8(byte[] binary) {
    return new BinaryJsonReader(binary).text();
  }

  /**
   * The binary form of a JSON text: keys sorted by bytes, the last of equal keys wins, whole
   * numbers as int64, else uint64, else double.
   */
  public static byte[] ofText(String text) {
    return JsonTextReader.toBinary(text);
  }
}
