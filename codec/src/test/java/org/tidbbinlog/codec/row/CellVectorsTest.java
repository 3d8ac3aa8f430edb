package org.tidbbinlog.codec.row;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tidbbinlog.codec.RowVectors;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.bytes.ByteWriter;
import org.tidbbinlog.codec.json.JsonText;
import org.tidbbinlog.codec.schema.FieldType;
import org.tidbbinlog.codec.schema.MysqlType;
import org.tidbbinlog.codec.time.PackedTime;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.codec.value.ValueText;

class CellVectorsTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final int BINARY_FLAG = 128;

  static List<JsonNode> cells() {
    List<JsonNode> cells = RowVectors.list("cells");
    assertThat(cells).hasSize(146);
    return cells;
  }

  @ParameterizedTest(name = "cell {index}")
  @MethodSource("cells")
  @DisplayName("row-format fact 1: every cell decodes from datum_hex and row_v2_hex to its text")
  void cell_decodesFromBothForms_toItsText(JsonNode cell) {
    ColumnCodec codec = new ColumnCodec(type(cell));
    String expected = cell.get("decoded_text").asText();
    ByteCursor datum = cursor(cell, "datum_hex");
    ColumnValue value = codec.decode(datum);
    assertThat(ValueText.verbose(value, zone(cell))).isEqualTo(expected);
    assertThat(datum.hasRemaining()).isFalse();
    if (!cell.get("row_v2_hex").isNull()) {
      ColumnValue fromV2 = codec.decodeCell(cursor(cell, "row_v2_hex"));
      assertThat(ValueText.verbose(fromV2, zone(cell))).isEqualTo(expected);
    }
    if (cell.has("handle_value_hex") && needsNoRestoredData(cell)) {
      ColumnValue fromHandle = codec.decode(cursor(cell, "handle_value_hex"));
      assertThat(ValueText.verbose(fromHandle, zone(cell))).isEqualTo(expected);
    }
  }

  @ParameterizedTest(name = "cell {index}")
  @MethodSource("cells")
  @DisplayName("row-format fact 1: every cell encodes to its datum_hex, row_v2_hex, key and handle")
  void cell_encodesToTheSameHex(JsonNode cell) {
    FieldType type = type(cell);
    ValueWriter writer = new ValueWriter(type, keyCollate(cell));
    for (ColumnValue value : List.of(value(cell, type), decoded(cell, type))) {
      ByteWriter datum = new ByteWriter();
      writer.datum(value, datum);
      assertHex(datum, cell, "datum_hex");
      if (!cell.get("row_v2_hex").isNull()) {
        ByteWriter v2 = new ByteWriter();
        writer.cell(value, v2);
        assertHex(v2, cell, "row_v2_hex");
      }
      if (cell.has("key_hex")) {
        ByteWriter key = new ByteWriter();
        writer.key(value, key);
        assertHex(key, cell, "key_hex");
      }
      if (cell.has("handle_value_hex")) {
        ByteWriter handle = new ByteWriter();
        writer.handle(value, handle);
        assertHex(handle, cell, "handle_value_hex");
      }
    }
  }

  @ParameterizedTest(name = "cell {index}")
  @MethodSource("cells")
  void cell_decodesFromItsKeyForm_unlessTheKeyHoldsASortKey(JsonNode cell) {
    if (cell.has("key_hex") && needsNoRestoredData(cell)) {
      ColumnValue value = new ColumnCodec(type(cell)).decode(cursor(cell, "key_hex"));
      assertThat(ValueText.verbose(value, zone(cell))).isEqualTo(cell.get("decoded_text").asText());
    }
  }

  private static void assertHex(ByteWriter written, JsonNode cell, String name) {
    assertThat(HEX.formatHex(written.toBytes())).as(name).isEqualTo(cell.get(name).asText());
  }

  private static ColumnValue decoded(JsonNode cell, FieldType type) {
    return new ColumnCodec(type).decode(cursor(cell, "datum_hex"));
  }

  /** The value as the vector's text says it, through the parser where the parser knows the text. */
  private static ColumnValue value(JsonNode cell, FieldType type) {
    String text = cell.get("value").asText();
    String encoding = cell.get("value_encoding").asText();
    if (text.equals("NULL")) {
      return ColumnValue.Null.NULL;
    }
    if (encoding.equals("hex")) {
      byte[] bytes = HEX.parseHex(text);
      return new ColumnValue.Binary(ValueParser.padded(type, bytes));
    }
    if (encoding.startsWith("json ")) {
      return decoded(cell, type);
    }
    ColumnValue value = ValueParser.parse(type, text);
    if (type.tp() == MysqlType.TIMESTAMP) {
      ColumnValue.DateTime local = (ColumnValue.DateTime) value;
      return new ColumnValue.DateTime(
          PackedTime.toUtc(local.packed(), zone(cell)), local.type(), local.fsp());
    }
    return value;
  }

  static FieldType type(JsonNode cell) {
    int tp = cell.get("tp").asInt();
    int flag = cell.get("flag").asInt();
    boolean binary = (flag & BINARY_FLAG) != 0;
    return new FieldType(
        tp,
        flag,
        cell.get("flen").asInt(),
        cell.get("decimal").asInt(),
        binary ? "binary" : "utf8mb4",
        keyCollate(cell),
        JsonText.list(cell, "elems", JsonNode::asText),
        false);
  }

  private static String keyCollate(JsonNode cell) {
    String sqlType = cell.get("sql_type").asText();
    int collate = sqlType.indexOf("utf8mb4_");
    return collate < 0 ? "binary" : sqlType.substring(collate);
  }

  private static boolean needsNoRestoredData(JsonNode cell) {
    return keyCollate(cell).equals("binary");
  }

  private static ZoneId zone(JsonNode cell) {
    return cell.has("time_zone") ? ZoneId.of(cell.get("time_zone").asText()) : ZoneOffset.UTC;
  }

  private static ByteCursor cursor(JsonNode cell, String name) {
    return ByteCursor.over(HEX.parseHex(cell.get(name).asText()));
  }
}
