package org.tidbbinlog.codec.json;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.bytes.ByteWriter;
import org.tidbbinlog.codec.number.FloatText;
import org.tidbbinlog.codec.time.TimeText;

/**
 * Prints one binary JSON value. Offsets inside the value may point anywhere, also at each other, so
 * the work is bounded by a budget that every well-formed value stays within.
 */
final class BinaryJsonReader {
  private static final int MAX_FSP = 6;

  private final ByteCursor in;
  private final ByteWriter out;
  private int budget;

  BinaryJsonReader(byte[] binary) {
    this.in = ByteCursor.over(binary);
    this.out = new ByteWriter(binary.length + binary.length / 4);
    this.budget = binary.length;
  }

  byte[] text() {
    int type = in.u8();
    value(type, 1);
    return out.toBytes();
  }

  /** Prints the value whose body starts at the cursor. */
  private void value(int type, int depth) {
    spend(1);
    switch (type) {
      case JsonType.OBJECT -> object(depth);
      case JsonType.ARRAY -> array(depth);
      case JsonType.LITERAL -> literal(in.u8());
      case JsonType.INT64 -> ascii(Long.toString(in.le64()));
      case JsonType.UINT64 -> ascii(Long.toUnsignedString(in.le64()));
      case JsonType.DOUBLE -> ascii(FloatText.json(Double.longBitsToDouble(in.le64())));
      case JsonType.STRING -> string(in.requireLength(in.uvarint(), "JSON string"));
      case JsonType.OPAQUE -> opaque();
      case JsonType.DATE -> quoted(TimeText.ofCoreDate(in.le64()));
      case JsonType.DATETIME, JsonType.TIMESTAMP ->
          quoted(TimeText.ofCoreDateTime(in.le64(), MAX_FSP));
      case JsonType.DURATION -> quoted(TimeText.ofDuration(in.le64(), MAX_FSP));
      default -> throw in.fail("unknown JSON type " + type);
    }
  }

  private void literal(int literal) {
    switch (literal) {
      case JsonType.NULL_LITERAL -> ascii("null");
      case JsonType.TRUE_LITERAL -> ascii("true");
      case JsonType.FALSE_LITERAL -> ascii("false");
      default -> throw in.fail("unknown JSON literal " + literal);
    }
  }

  private void object(int depth) {
    int start = container(depth);
    int count = count(JsonType.KEY_ENTRY_BYTES + JsonType.VALUE_ENTRY_BYTES);
    int keys = start + JsonType.HEADER_BYTES;
    int values = keys + count * JsonType.KEY_ENTRY_BYTES;
    out.u8('{');
    for (int i = 0; i < count; i++) {
      separate(i);
      in.seek(keys + i * JsonType.KEY_ENTRY_BYTES);
      int keyOffset = in.le32();
      int keyLength = in.le16();
      in.seek(start + in.requireOffset(keyOffset, start));
      string(keyLength);
      ascii(": ");
      entry(start, values + i * JsonType.VALUE_ENTRY_BYTES, depth);
    }
    out.u8('}');
  }

  private void array(int depth) {
    int start = container(depth);
    int count = count(JsonType.VALUE_ENTRY_BYTES);
    int values = start + JsonType.HEADER_BYTES;
    out.u8('[');
    for (int i = 0; i < count; i++) {
      separate(i);
      entry(start, values + i * JsonType.VALUE_ENTRY_BYTES, depth);
    }
    out.u8(']');
  }

  private int container(int depth) {
    if (depth > JsonType.MAX_DEPTH) {
      throw in.fail("JSON nested deeper than " + JsonType.MAX_DEPTH);
    }
    return in.offset();
  }

  /** Reads a container's header. */
  private int count(int entryBytes) {
    long count = Integer.toUnsignedLong(in.le32());
    in.le32();
    if (count > in.remaining() / entryBytes) {
      throw in.fail("JSON container of " + count + " elements");
    }
    return (int) count;
  }

  private void entry(int start, int entryAt, int depth) {
    in.seek(entryAt);
    int type = in.u8();
    if (type == JsonType.LITERAL) {
      spend(1);
      literal(in.u8());
      return;
    }
    int offset = in.le32();
    in.seek(start + in.requireOffset(offset, start));
    value(type, depth + 1);
  }

  private void separate(int element) {
    if (element > 0) {
      ascii(", ");
    }
  }

  private void opaque() {
    int mysqlType = in.u8();
    byte[] bytes = in.bytes(in.requireLength(in.uvarint(), "JSON opaque value"));
    spend(bytes.length);
    quoted("base64:type" + mysqlType + ":" + Base64.getEncoder().encodeToString(bytes));
  }

  private void string(int length) {
    spend(length);
    out.u8('"');
    for (int i = 0; i < length; i++) {
      int next = in.u8();
      switch (next) {
        case '"' -> ascii("\\\"");
        case '\\' -> ascii("\\\\");
        case '\n' -> ascii("\\n");
        case '\r' -> ascii("\\r");
        case '\t' -> ascii("\\t");
        default -> {
          if (next < 0x20) {
            ascii("\\u00" + Character.forDigit(next >> 4, 16) + Character.forDigit(next & 15, 16));
          } else {
            out.u8(next);
          }
        }
      }
    }
    out.u8('"');
  }

  private void quoted(String text) {
    out.u8('"');
    ascii(text);
    out.u8('"');
  }

  private void ascii(String text) {
    out.bytes(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private void spend(int amount) {
    budget -= amount;
    if (budget < 0) {
      throw in.fail("JSON values overlap");
    }
  }
}
