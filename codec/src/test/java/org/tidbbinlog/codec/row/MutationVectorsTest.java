package org.tidbbinlog.codec.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.RowVectors;
import org.tidbbinlog.codec.datum.Datums;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.schema.TableInfoJson;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.codec.value.ValueText;

class MutationVectorsTest {
  private static final HexFormat HEX = HexFormat.of();

  static List<JsonNode> decodable() {
    return RowVectors.list("mutations").stream().filter(each -> each.has("decoded")).toList();
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("decodable")
  @DisplayName(
      "mutations fact 1: vectors decode with their table to what the original made of them")
  void vector_decodes_toTheOriginalsValues(JsonNode vector) {
    RowDecoder decoder = new RowDecoder(table(vector));
    ByteBuffer row = ByteBuffer.wrap(RowVectors.bytes(vector));
    String name = vector.get("name").asText();
    JsonNode decoded = vector.get("decoded");
    if (name.startsWith("insert")) {
      assertThat(texts(decoder.columns(), decoder.insert(row, decoder.defaults())))
          .isEqualTo(expected(decoded.get("values")));
    } else if (name.startsWith("update")) {
      DecodedUpdate update = decoder.update(row, decoder.defaults(), UpdateGaps.REFUSE);
      assertThat(texts(update.columns(), update.before()))
          .isEqualTo(expected(decoded.get("old_values")));
      assertThat(texts(update.columns(), update.after()))
          .isEqualTo(expected(decoded.get("values")));
    } else {
      DecodedRow deleted = decoder.delete(row);
      assertThat(texts(deleted.columns(), deleted.values()))
          .isEqualTo(expected(decoded.get("values")));
    }
  }

  @Test
  @DisplayName(
      "row-format fact 13: wide rows fill c_missing with 7 and leave generated columns out")
  void wideInserts_v1AndV2_decodeAlike() {
    JsonNode v1 = RowVectors.named("mutations", "insert-wide");
    JsonNode v2 = RowVectors.named("mutations", "insert-wide-v2");
    assertThat(insertTexts(v1)).isEqualTo(insertTexts(v2));
    assertThat(insertTexts(v1)).containsEntry("c_missing", "7").containsEntry("c_null", "NULL");
    assertThat(insertTexts(v1)).doesNotContainKeys("c_stored", "c_virtual");
    JsonNode deleted = RowVectors.named("mutations", "delete-wide");
    RowDecoder decoder = new RowDecoder(table(deleted));
    assertThat(decoder.delete(ByteBuffer.wrap(RowVectors.bytes(deleted))).columns())
        .extracting(column -> column.name().original())
        .contains("c_stored")
        .doesNotContain("c_virtual");
  }

  @Test
  @DisplayName("mutations fact 2: the largest unsigned key comes out of handle -1")
  void unsignedKey_ofHandleMinusOne_isTheLargest() {
    assertThat(insertTexts(RowVectors.named("mutations", "insert-unsigned-pk-max")))
        .containsEntry("id", "18446744073709551615");
  }

  @Test
  @DisplayName("mutations fact 3: a row without columns gives NULL, no error")
  void emptyRowPart_givesNull() {
    assertThat(insertTexts(RowVectors.named("mutations", "insert-pk-handle-all-skipped")))
        .containsEntry("name", "NULL");
  }

  @Test
  @DisplayName("mutations fact 7: an unknown column id 99 decodes as if it were absent")
  void unknownColumnId_isSkipped() {
    RowDecoder decoder = new RowDecoder(table(RowVectors.named("mutations", "insert-pk-handle")));
    ByteBuffer plain = ByteBuffer.wrap(HEX.parseHex("08020804020a616c696365"));
    ByteBuffer more =
        ByteBuffer.wrap(HEX.parseHex("080208c601020e756e6b6e6f776e0804020a616c696365"));
    assertThat(texts(decoder.columns(), decoder.insert(more, decoder.defaults())))
        .isEqualTo(texts(decoder.columns(), decoder.insert(plain, decoder.defaults())));
  }

  @Test
  @DisplayName("mutations fact 8: an update that lacks a column fails unless gaps are to be filled")
  void updateWithoutAColumn_isRefused_orFilled() {
    RowDecoder decoder = new RowDecoder(table(RowVectors.named("mutations", "update-pk-handle")));
    ByteBuffer onlyIds = ByteBuffer.wrap(HEX.parseHex("0802080208020804"));
    assertThatThrownBy(() -> decoder.update(onlyIds, decoder.defaults(), UpdateGaps.REFUSE))
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("row data is corrupted")
        .hasMessageContaining("name");
    DecodedUpdate filled =
        decoder.update(onlyIds, decoder.defaults(), UpdateGaps.FILL_WITH_DEFAULT);
    assertThat(texts(filled.columns(), filled.after()))
        .isEqualTo(Map.of("id", "2", "name", "NULL"));
    DecodedUpdate left = decoder.update(onlyIds, decoder.defaults(), UpdateGaps.LEAVE_OUT);
    assertThat(texts(left.columns(), left.before())).isEqualTo(Map.of("id", "1"));
    assertThat(texts(left.columns(), left.after())).isEqualTo(Map.of("id", "2"));
    ByteBuffer oneHalf = ByteBuffer.wrap(HEX.parseHex("0802080208040004"));
    assertThatThrownBy(
            () -> decoder.update(oneHalf, decoder.defaults(), UpdateGaps.FILL_WITH_DEFAULT))
        .isInstanceOf(DecodeException.class);
  }

  @Test
  void rowsThatTheVectorsHold_areEncodedToTheSameBytes() {
    for (String name :
        List.of(
            "insert-pk-handle",
            "insert-pk-handle-all-skipped",
            "update-pk-handle",
            "delete-pk-handle",
            "insert-unsigned-pk-max",
            "update-unsigned-pk-max",
            "insert-rowid",
            "update-rowid",
            "delete-rowid",
            "insert-common-handle",
            "update-common-handle")) {
      JsonNode vector = RowVectors.named("mutations", name);
      assertThat(HEX.formatHex(encode(vector))).as(name).isEqualTo(vector.get("hex").asText());
    }
  }

  @Test
  void commonHandle_keyForm_isTheVectors_andTurnsIntoValueForm() {
    JsonNode vector = RowVectors.named("mutations", "insert-common-handle");
    TableInfo table = table(vector);
    RowEncoder encoder = new RowEncoder(table, NewCollations.ON);
    byte[] keyForm = RowVectors.bytes(RowVectors.named("mutations", "common-handle-encoded"));
    List<ColumnValue> values = values(table, vector.get("decoded").get("values"));
    assertThat(encoder.key(values, 0).handle().toBytes()).isEqualTo(keyForm);
    assertThat(HEX.formatHex(Datums.handleToValueForm(keyForm)))
        .isEqualTo("02046162098080808080d8aed919");
  }

  private static byte[] encode(JsonNode vector) {
    TableInfo table = table(vector);
    RowEncoder encoder = new RowEncoder(table, NewCollations.ON);
    String name = vector.get("name").asText();
    List<ColumnValue> values = values(table, vector.get("decoded").get("values"));
    if (name.startsWith("insert")) {
      return encoder.insert(values, 10);
    }
    return name.startsWith("delete")
        ? encoder.delete(values, 10)
        : encoder.update(values(table, vector.get("decoded").get("old_values")), values, 10);
  }

  private static List<ColumnValue> values(TableInfo table, JsonNode texts) {
    List<ColumnValue> values = new ArrayList<>();
    for (ColumnInfo column : table.columns()) {
      String text = texts.get(column.name().original()).asText();
      values.add(
          text.equals("NULL") ? ColumnValue.Null.NULL : ValueParser.parse(column.type(), text));
    }
    return values;
  }

  private static Map<String, String> insertTexts(JsonNode vector) {
    RowDecoder decoder = new RowDecoder(table(vector));
    return texts(
        decoder.columns(),
        decoder.insert(ByteBuffer.wrap(RowVectors.bytes(vector)), decoder.defaults()));
  }

  private static TableInfo table(JsonNode vector) {
    return TableInfoJson.parse(vector.get("table_info"));
  }

  private static Map<String, String> texts(List<ColumnInfo> columns, List<ColumnValue> values) {
    Map<String, String> texts = new TreeMap<>();
    for (int i = 0; i < values.size(); i++) {
      ColumnValue value = values.get(i);
      texts.put(
          columns.get(i).name().original(),
          value.kind() == ColumnValue.Kind.BINARY
              ? new String(((ColumnValue.Binary) value).bytes(), StandardCharsets.ISO_8859_1)
              : ValueText.of(value));
    }
    return texts;
  }

  private static Map<String, String> expected(JsonNode values) {
    Map<String, String> expected = new HashMap<>();
    values.properties().forEach(each -> expected.put(each.getKey(), each.getValue().asText()));
    return expected;
  }
}
