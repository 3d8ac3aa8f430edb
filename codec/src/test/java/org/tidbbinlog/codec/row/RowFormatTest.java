package org.tidbbinlog.codec.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.RowVectors;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.bytes.ByteWriter;
import org.tidbbinlog.codec.json.BinaryJson;
import org.tidbbinlog.codec.number.DecimalBytes;
import org.tidbbinlog.codec.schema.FieldType;
import org.tidbbinlog.codec.schema.MysqlType;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.codec.value.ValueText;

class RowFormatTest {
  private static final HexFormat HEX = HexFormat.of();

  static List<JsonNode> rows() {
    return RowVectors.list("rows");
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("rows")
  @DisplayName("row-format fact 10: rows v2 are small or large by id and size")
  void rowVector_isWrittenAndRead(JsonNode vector) {
    boolean v1 = vector.get("format").asText().equals("v1");
    RowV2Writer v2 = new RowV2Writer();
    ByteWriter out = new ByteWriter();
    TestTable table = new TestTable();
    List<String> texts = new ArrayList<>();
    for (JsonNode column : vector.get("columns")) {
      FieldType type = type(column.get("sql_type").asText());
      ColumnValue value = value(type, column.get("value").asText());
      ValueWriter writer = new ValueWriter(type, "binary");
      long id = column.get("id").asLong();
      table.column(id, "c" + id, type);
      texts.add(ValueText.of(value));
      out.u8(8).varint(id);
      writer.datum(value, out);
      v2.add(id < 0 ? id & 0xff : id, value, writer);
    }
    byte[] written = v1 ? out.toBytes() : v2.toBytes();
    if (vector.get("columns").isEmpty() && v1) {
      written = new byte[] {0};
    }
    assertThat(HEX.formatHex(written)).startsWith(vector.get("hex").asText());
    if (!vector.get("format").asText().endsWith("prefix")) {
      assertThat(written).hasSize(vector.get("length").asInt());
    }
    if (!vector.get("name").asText().contains("negative")) {
      DecodedRow row = new RowDecoder(table.build()).delete(ByteBuffer.wrap(written));
      assertThat(row.values()).extracting(ValueText::of).isEqualTo(texts);
    }
  }

  @Test
  @DisplayName("row-format fact 10: a checksum after the data of a row v2 is ignored")
  void trailingChecksum_isIgnored() {
    TableInfo table =
        new TestTable().column(1, "i", TestTable.INT).column(3, "v", TestTable.VARCHAR).build();
    String row = "800202000000" + "0103" + "02000400" + "2c016869" + "00" + "deadbeef";
    assertThat(new RowDecoder(table).delete(ByteBuffer.wrap(HEX.parseHex(row))).values())
        .extracting(ValueText::of)
        .containsExactly("300", "hi");
  }

  @Test
  @DisplayName("row-format fact 9: a row of one zero byte has no columns, 0x80 first is a row v2")
  void emptyRow_hasNoColumns() {
    TableInfo table = new TestTable().column(1, "i", TestTable.INT).build();
    RowDecoder decoder = new RowDecoder(table);
    assertThat(decoder.delete(ByteBuffer.wrap(new byte[] {0})).values()).isEmpty();
    assertThat(decoder.delete(ByteBuffer.wrap(HEX.parseHex("800000000000"))).values()).isEmpty();
  }

  @Test
  @DisplayName("row-format fact 2: 70 times x starts with 028c01")
  void longString_hasAZigZagLength() {
    ByteWriter out = new ByteWriter();
    new ValueWriter(TestTable.VARCHAR, "binary")
        .datum(new ColumnValue.Text("x".repeat(70).getBytes(StandardCharsets.UTF_8)), out);
    assertThat(HEX.formatHex(out.toBytes())).startsWith("028c01");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.0, -0.0})
  @DisplayName("row-format fact 3: both zeros encode alike")
  void zeros_encodeAlike(double zero) {
    ByteWriter out = new ByteWriter();
    new ValueWriter(TestTable.type(MysqlType.DOUBLE), "binary")
        .datum(new ColumnValue.Float64(zero), out);
    assertThat(HEX.formatHex(out.toBytes())).isEqualTo("058000000000000000");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "99999999999999999999999999999999999.999999999999999999999999999999",
        "-99999999999999999999999999999999999.999999999999999999999999999999",
        "0.000000000000000000000000000001",
        "-0.000000000000000000000000000001",
        "0.000000000000000000000000000000",
        "-123456789012345678.000000000000000000000000000000"
      })
  @DisplayName("row-format fact 4: decimal extremes round-trip with the embedded precision")
  void decimalExtremes_roundTrip(String text) {
    ByteWriter out = new ByteWriter();
    DecimalBytes.encode(new BigDecimal(text), 65, 30, out);
    assertThat(DecimalBytes.decode(ByteCursor.over(out.toBytes())).toPlainString()).isEqualTo(text);
    ColumnValue decoded =
        new ColumnCodec(TestTable.decimal(5, 1))
            .decode(ByteCursor.over(new ByteWriter().u8(6).bytes(out).toBytes()));
    assertThat(ValueText.of(decoded)).isEqualTo(text);
  }

  @Test
  void decimals_ofEveryPrecisionAndScale_roundTrip() {
    String digits = "9876543210123456789".repeat(4);
    for (int precision = 1; precision <= DecimalBytes.MAX_PRECISION; precision++) {
      for (int scale = 0; scale <= Math.min(precision, DecimalBytes.MAX_SCALE); scale++) {
        BigDecimal number = new BigDecimal(digits.substring(0, precision)).movePointLeft(scale);
        for (BigDecimal value : List.of(number, number.negate())) {
          ByteWriter out = new ByteWriter();
          DecimalBytes.encode(value, precision, scale, out);
          ByteCursor in = ByteCursor.over(out.toBytes());
          assertThat(DecimalBytes.decode(in)).isEqualTo(value.setScale(scale));
          assertThat(in.hasRemaining()).isFalse();
          ByteCursor skipped = ByteCursor.over(out.toBytes());
          DecimalBytes.skip(skipped);
          assertThat(skipped.hasRemaining()).isFalse();
        }
      }
    }
  }

  @Test
  @DisplayName(
      "row-format fact 7: enum 0 is empty, an unknown set bit an error, 64 members are all")
  void enumAndSet_edges() {
    FieldType small = TestTable.elems(MysqlType.ENUM, List.of("a", "b"));
    assertThat(decode(small, "0900")).isEqualTo(new ColumnValue.EnumMember(0, ""));
    assertThat(decode(small, "0907")).isEqualTo(new ColumnValue.EnumMember(0, ""));
    assertThatThrownBy(() -> decode(TestTable.elems(MysqlType.SET, List.of("a", "b")), "0904"))
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("beyond");
    String[] members = new String[64];
    Arrays.setAll(members, i -> "m" + i);
    FieldType all = TestTable.elems(MysqlType.SET, List.of(members));
    assertThat(ValueText.of(decode(all, "09ffffffffffffffffff01")))
        .isEqualTo("18446744073709551615");
  }

  @Test
  @DisplayName("row-format fact 5: a TIMESTAMP is one instant, written in UTC, and zero is zero")
  void timestamp_isOneInstant_inEveryZone() {
    FieldType timestamp = TestTable.type(MysqlType.TIMESTAMP);
    ZoneId shanghai = ZoneId.of("Asia/Shanghai");
    assertThat(ValueText.of(decode(timestamp, "098080808080c8aed919"), shanghai))
        .isEqualTo("2024-02-29 12:00:00");
    assertThat(ValueText.of(decode(timestamp, "098080808080d8aed919"), ZoneOffset.UTC))
        .isEqualTo("2024-02-29 12:00:00");
    assertThat(ValueText.of(decode(timestamp, "0900"), shanghai)).startsWith("0000-00-00 00:00:00");
  }

  @Test
  @DisplayName("row-format fact 12: a TIME decodes alike from a row and from a handle datum")
  void time_decodesAlike_fromRowAndHandle() {
    FieldType time = TestTable.type(MysqlType.DURATION);
    assertThat(ValueText.of(decode(time, "08ffd7cc97aec2dd0a"))).isEqualTo("-838:59:59");
    assertThat(decode(time, "077ff544f68e866a00")).isEqualTo(decode(time, "08ffd7cc97aec2dd0a"));
  }

  @Test
  @DisplayName("row-format fact 14: a case-insensitive key comes from the row part, not the handle")
  void restoredData_winsOverTheSortKey() {
    TableInfo table =
        new TestTable()
            .column(1, "k", TestTable.varchar("utf8mb4_general_ci"))
            .commonHandle("k")
            .build();
    RowEncoder encoder = new RowEncoder(table, NewCollations.ON);
    ColumnValue key = new ColumnValue.Text("Ab1".getBytes(StandardCharsets.UTF_8));
    byte[] row = encoder.insert(List.of(key), 0);
    assertThat(HEX.formatHex(row)).isEqualTo("020c004100420031" + "0802" + "0206416231");
    RowDecoder decoder = new RowDecoder(table);
    assertThat(decoder.insert(ByteBuffer.wrap(row), decoder.defaults()))
        .extracting(ValueText::of)
        .containsExactly("Ab1");
  }

  @Test
  @DisplayName("row-format fact 8: the largest unsigned key, as handle and in a row")
  void largestUnsignedKey_asHandleAndInARow() {
    TableInfo table =
        new TestTable().column(1, "id", TestTable.UNSIGNED_PRIMARY_KEY).pkIsHandle().build();
    RowEncoder encoder = new RowEncoder(table, NewCollations.ON);
    List<ColumnValue> row = List.of(new ColumnValue.Unsigned(-1));
    assertThat(HEX.formatHex(encoder.insert(row, 0))).isEqualTo("080100");
    assertThat(HEX.formatHex(encoder.delete(row, 0))).isEqualTo("0802" + "09ffffffffffffffffff01");
    RowDecoder decoder = new RowDecoder(table);
    assertThat(decoder.insert(ByteBuffer.wrap(HEX.parseHex("080100")), decoder.defaults()))
        .extracting(ValueText::of)
        .containsExactly("18446744073709551615");
  }

  @Test
  @DisplayName("row-format fact 11: JSON types of newer servers decode, keys come in byte order")
  void json_isWrittenInByteOrder_andMeasured() {
    byte[] array = BinaryJson.ofText("[1,\"a\",null,true]");
    assertThat(array).hasSize(1 + 38);
    assertThat(BinaryJson.text(BinaryJson.ofText("{\"b\":2,\"aa\":1,\"B\":0,\"b\":3}")))
        .isEqualTo("{\"B\": 0, \"aa\": 1, \"b\": 3}");
    assertThat(BinaryJson.text(HEX.parseHex("0dfc030102ff"))).isEqualTo("\"base64:type252:AQL/\"");
    assertThat(BinaryJson.text(HEX.parseHex("110020025aa024000006000000")))
        .isEqualTo("\"11:11:11.123456\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1e-07|1e-7",
        "0.000001|0.000001",
        "1e20|100000000000000000000",
        "1e21|1e+21",
        "1.5e300|1.5e+300",
        "2.0|2",
        "\"\\u0001\\u001f\\n\\t\\\\\\\"/\"|\"\\u0001\\u001f\\n\\t\\\\\\\"/\"",
        "18446744073709551616|18446744073709552000"
      })
  void jsonText_isTheOriginals(String pair) {
    String[] parts = pair.split("\\|", -1);
    assertThat(BinaryJson.text(BinaryJson.ofText(parts[0]))).isEqualTo(parts[1]);
  }

  private static ColumnValue decode(FieldType type, String hex) {
    return new ColumnCodec(type).decode(ByteCursor.over(HEX.parseHex(hex)));
  }

  private static FieldType type(String sqlType) {
    return switch (sqlType) {
      case "int(11)" -> TestTable.INT;
      case "bigint(20)" -> TestTable.type(MysqlType.LONGLONG);
      default -> TestTable.VARCHAR;
    };
  }

  private static ColumnValue value(FieldType type, String text) {
    if (text.equals("NULL")) {
      return ColumnValue.Null.NULL;
    }
    int times = text.indexOf(" times 0x61");
    String whole = times < 0 ? text : "a".repeat(Integer.parseInt(text.substring(0, times)));
    return ValueParser.parse(type, whole);
  }
}
