package org.tidbbinlog.codec.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.bytes.ByteWriter;

/** Reads JSON text and writes its binary form, type byte first. */
final class JsonTextReader {
  private static final BigInteger MAX_UINT64 =
      BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(2 * JsonType.MAX_DEPTH)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(1 << 16)
                  .build())
          .build();

  private final JsonParser parser;

  private JsonTextReader(JsonParser parser) {
    this.parser = parser;
  }

  static byte[] toBinary(String text) {
    try (JsonParser parser = FACTORY.createParser(text)) {
      JsonTextReader reader = new JsonTextReader(parser);
      byte[] binary = reader.value(parser.nextToken(), 1);
      if (parser.nextToken() != null) {
        throw reader.fail("more than one JSON value");
      }
      return binary;
    } catch (JsonProcessingException e) {
      long offset = e.getLocation() == null ? 0 : e.getLocation().getCharOffset();
      throw new DecodeException("not JSON", (int) Math.max(0, offset), e.getOriginalMessage());
    } catch (IOException e) {
      throw new DecodeException("not JSON text", 0, String.valueOf(e.getMessage()));
    }
  }

  private byte[] value(@Nullable JsonToken token, int depth) throws IOException {
    if (token == null || depth > JsonType.MAX_DEPTH + 1) {
      throw fail(token == null ? "no JSON value" : "JSON nested too deep");
    }
    return switch (token) {
      case START_OBJECT -> object(depth);
      case START_ARRAY -> array(depth);
      case VALUE_NULL -> literal(JsonType.NULL_LITERAL);
      case VALUE_TRUE -> literal(JsonType.TRUE_LITERAL);
      case VALUE_FALSE -> literal(JsonType.FALSE_LITERAL);
      case VALUE_STRING -> string(parser.getText());
      case VALUE_NUMBER_INT -> whole(new BigInteger(parser.getText()));
      case VALUE_NUMBER_FLOAT -> number(parser.getDoubleValue());
      default -> throw fail("unexpected JSON token " + token);
    };
  }

  private byte[] object(int depth) throws IOException {
    Map<byte[], byte[]> members = new TreeMap<>(Arrays::compareUnsigned);
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      byte[] key = parser.currentName().getBytes(StandardCharsets.UTF_8);
      members.put(key, value(parser.nextToken(), depth + 1));
    }
    int count = members.size();
    int keysAt =
        JsonType.HEADER_BYTES + count * (JsonType.KEY_ENTRY_BYTES + JsonType.VALUE_ENTRY_BYTES);
    ByteWriter out = new ByteWriter();
    out.u8(JsonType.OBJECT).le(count, 4).le(0, 4);
    int keyOffset = keysAt;
    for (byte[] key : members.keySet()) {
      out.le(keyOffset, 4).le(key.length, 2);
      keyOffset += key.length;
    }
    entries(out, members.values(), keyOffset);
    members.keySet().forEach(out::bytes);
    return container(out, members.values());
  }

  private byte[] array(int depth) throws IOException {
    List<byte[]> elements = new ArrayList<>();
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      elements.add(value(token, depth + 1));
    }
    ByteWriter out = new ByteWriter();
    out.u8(JsonType.ARRAY).le(elements.size(), 4).le(0, 4);
    entries(out, elements, JsonType.HEADER_BYTES + elements.size() * JsonType.VALUE_ENTRY_BYTES);
    return container(out, elements);
  }

  private static void entries(ByteWriter out, Iterable<byte[]> values, int valuesAt) {
    int offset = valuesAt;
    for (byte[] value : values) {
      out.u8(value[0]);
      if (value[0] == JsonType.LITERAL) {
        out.le(value[1], 4);
      } else {
        out.le(offset, 4);
        offset += value.length - 1;
      }
    }
  }

  /** Appends the values' bodies and fills in the size, which leaves out the type byte. */
  private static byte[] container(ByteWriter out, Iterable<byte[]> values) {
    for (byte[] value : values) {
      if (value[0] != JsonType.LITERAL) {
        out.bytes(value, 1, value.length - 1);
      }
    }
    out.setLe32(1 + 4, out.size() - 1);
    return out.toBytes();
  }

  private static byte[] literal(int literal) {
    return new byte[] {JsonType.LITERAL, (byte) literal};
  }

  private static byte[] string(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    ByteWriter out = new ByteWriter(utf8.length + 6);
    return out.u8(JsonType.STRING).uvarint(utf8.length).bytes(utf8).toBytes();
  }

  private static byte[] whole(BigInteger value) {
    if (value.bitLength() < Long.SIZE) {
      return new ByteWriter().u8(JsonType.INT64).le(value.longValue(), 8).toBytes();
    }
    if (value.signum() > 0 && value.compareTo(MAX_UINT64) <= 0) {
      return new ByteWriter().u8(JsonType.UINT64).le(value.longValue(), 8).toBytes();
    }
    return number(value.doubleValue());
  }

  private static byte[] number(double value) {
    return new ByteWriter().u8(JsonType.DOUBLE).le(Double.doubleToLongBits(value), 8).toBytes();
  }

  private DecodeException fail(String what) {
    return new DecodeException(what, (int) Math.max(0, parser.currentLocation().getCharOffset()));
  }
}
