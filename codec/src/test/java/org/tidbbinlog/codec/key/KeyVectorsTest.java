package org.tidbbinlog.codec.key;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.RowVectors;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.bytes.ByteWriter;
import org.tidbbinlog.codec.bytes.ComparableBytes;
import org.tidbbinlog.codec.number.FloatBits;
import org.tidbbinlog.codec.number.FloatText;
import org.tidbbinlog.codec.time.PackedTime;
import org.tidbbinlog.codec.time.TimeParser;
import org.tidbbinlog.codec.time.TimeText;

class KeyVectorsTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final long SIGN = 1L << 63;

  static List<JsonNode> keys() {
    return RowVectors.list("keys");
  }

  static List<JsonNode> meta() {
    return RowVectors.list("meta");
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("keys")
  @DisplayName("row-format fact 2: primitives and record keys, both ways")
  void primitive_encodesAndDecodes(JsonNode vector) {
    String input = vector.get("input").asText();
    byte[] text = input.getBytes(StandardCharsets.UTF_8);
    ByteWriter out = new ByteWriter();
    ByteCursor in = ByteCursor.over(RowVectors.bytes(vector));
    switch (vector.get("name").asText()) {
      case "varint" -> {
        out.varint(Long.parseLong(input));
        assertThat(in.varint()).isEqualTo(Long.parseLong(input));
      }
      case "uvarint" -> {
        out.uvarint(Long.parseUnsignedLong(input));
        assertThat(in.uvarint()).isEqualTo(Long.parseUnsignedLong(input));
      }
      case "int-comparable" -> {
        out.be64(Long.parseLong(input) ^ SIGN);
        assertThat(in.be64() ^ SIGN).isEqualTo(Long.parseLong(input));
      }
      case "uint-comparable" -> {
        out.be64(Long.parseUnsignedLong(input));
        assertThat(in.be64()).isEqualTo(Long.parseUnsignedLong(input));
      }
      case "float-comparable" -> {
        out.be64(FloatBits.encode(Double.parseDouble(input)));
        assertThat(FloatText.of(FloatBits.decode(in.be64()))).isEqualTo(input);
      }
      case "bytes-comparable" -> {
        ComparableBytes.encode(text, out);
        assertThat(ComparableBytes.decode(in)).isEqualTo(text);
      }
      case "bytes-compact" -> {
        out.varint(text.length).bytes(text);
        assertThat(in.bytes((int) in.varint())).isEqualTo(text);
      }
      case "packed-time" -> {
        out.be64(TimeParser.dateTime(input));
        assertThat(TimeText.ofDateTime(in.be64(), 0)).isEqualTo(input);
      }
      default -> {
        out.bytes(recordKey(input).encode());
        RecordKey key = RecordKey.decode(ByteBuffer.wrap(in.bytes(in.remaining())));
        assertThat(key).isEqualTo(recordKey(input));
      }
    }
    assertThat(in.hasRemaining()).isFalse();
    assertThat(HEX.formatHex(out.toBytes())).isEqualTo(vector.get("hex").asText());
  }

  private static RecordKey recordKey(String input) {
    return switch (input.substring(0, Math.min(18, input.length()))) {
      case "table 45 handle 7" -> RecordKey.ofInt(45, 7);
      case "table 45 handle -1" -> RecordKey.ofInt(45, -1);
      case "table 45 handle ('" ->
          RecordKey.ofCommon(45, HEX.parseHex("016162000000000000f9038000000000000005"));
      default -> RecordKey.ofCommon(45, HEX.parseHex("06010089"));
    };
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("meta")
  @DisplayName("ddl-meta fact 3: meta keys come byte for byte from kind, name and field, and back")
  void metaKey_encodesAndDecodes(JsonNode vector) {
    String input = vector.get("input").asText();
    byte[] bytes = RowVectors.bytes(vector);
    switch (vector.get("name").asText()) {
      case "string-key" -> assertBothWays(MetaKey.string(input), bytes);
      case "hash-prefix" -> assertBothWays(MetaKey.hashPrefix(input), bytes);
      case "hash-field" -> {
        String[] parts = input.split(" / ", -1);
        assertBothWays(
            parts[1].startsWith("job ")
                ? MetaKey.job(Long.parseLong(parts[1].substring(4)))
                : MetaKey.hash(parts[0], parts[1]),
            bytes);
      }
      case "type-flags" -> {
        int i = 0;
        for (MetaKey.Kind kind : MetaKey.Kind.values()) {
          byte[] key = new MetaKey(kind, "", Payload.ABSENT, 0).encode();
          assertThat(key[17]).isEqualTo(bytes[i++]);
        }
      }
      default -> assertThat(ComparableBytes.encode(MetaKey.databases().encode())).isEqualTo(bytes);
    }
  }

  private static void assertBothWays(MetaKey key, byte[] bytes) {
    assertThat(key.encode()).isEqualTo(bytes);
    assertThat(MetaKey.decode(ByteBuffer.wrap(bytes))).isEqualTo(key);
  }

  @Test
  @DisplayName("ddl-meta fact 4: a scan of DB:1 keeps only tables and never meets DB:10")
  void prefixOfDatabase1_isNoPrefixOfDatabase10() {
    byte[] prefix = MetaKey.tablesOf(1).encode();
    assertThat(MetaKey.table(1, 45).encode()).startsWith(prefix);
    byte[] other = MetaKey.table(10, 45).encode();
    assertThat(Arrays.mismatch(prefix, other)).isBetween(0, prefix.length - 1);
    assertThat(MetaKey.table(1, 45).isTable()).isTrue();
    assertThat(MetaKey.hash("DB:1", "TID:45").isTable()).isFalse();
    assertThat(MetaKey.hash("DB:1", "SequenceCycle:45").isTable()).isFalse();
  }

  @Test
  @DisplayName("ddl-meta fact 5: job id 100 is field 0000000000000064")
  void jobField_isEightBytes() {
    assertThat(HEX.formatHex(MetaKey.job(100).field().toBytes())).isEqualTo("0000000000000064");
  }

  @Test
  void listKeys_roundTrip() {
    MetaKey item = new MetaKey(MetaKey.Kind.LIST_DATA, "DDLJobList", Payload.ABSENT, -5);
    assertThat(MetaKey.decode(ByteBuffer.wrap(item.encode()))).isEqualTo(item);
  }

  @Test
  @DisplayName("row-format fact 6: a date with zero month and day keeps them")
  void dateWithZeroParts_keepsThem() {
    long packed = TimeParser.date("2024-00-00");
    assertThat(TimeText.ofDate(packed)).isEqualTo("2024-00-00");
    assertThat(PackedTime.isMoment(packed)).isFalse();
  }
}
