package org.tidbbinlog.codec.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.RowVectors;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.binlog.BinlogHeader;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.datum.Datums;
import org.tidbbinlog.codec.ddl.DdlJobJson;
import org.tidbbinlog.codec.json.BinaryJson;
import org.tidbbinlog.codec.key.MetaKey;
import org.tidbbinlog.codec.key.RecordKey;
import org.tidbbinlog.codec.mutation.PrewriteValue;
import org.tidbbinlog.codec.mutation.RowMutation;
import org.tidbbinlog.codec.mutation.TableMutation;
import org.tidbbinlog.codec.row.DecodedUpdate;
import org.tidbbinlog.codec.row.RowDecoder;
import org.tidbbinlog.codec.row.UpdateGaps;
import org.tidbbinlog.codec.schema.DbInfoJson;
import org.tidbbinlog.codec.schema.TableInfoJson;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.codec.value.ValueText;

/** Garbage never makes a decoder throw anything but a {@link DecodeException} with an offset. */
class DecoderFuzzTest {
  private static final long SEED = 20240229;
  private static final int FLIPS = 3_000;
  private static final int RANDOM_INPUTS = 3_000;

  private static final Map<String, Consumer<byte[]>> DECODERS = new TreeMap<>();

  static {
    RowDecoder narrow = decoder("insert-common-handle");
    RowDecoder wide = decoder("insert-wide");
    DECODERS.put("binlog", bytes -> Binlog.decode(ByteBuffer.wrap(bytes)));
    DECODERS.put("header", bytes -> BinlogHeader.peek(ByteBuffer.wrap(bytes)));
    DECODERS.put("prewrite value", DecoderFuzzTest::walk);
    DECODERS.put("wide insert", bytes -> insert(wide, bytes));
    DECODERS.put("common handle insert", bytes -> insert(narrow, bytes));
    DECODERS.put("wide update", bytes -> update(wide, bytes));
    DECODERS.put("wide delete", bytes -> print(wide.delete(ByteBuffer.wrap(bytes)).values()));
    DECODERS.put("meta key", bytes -> MetaKey.decode(ByteBuffer.wrap(bytes)));
    DECODERS.put("record key", bytes -> RecordKey.decode(ByteBuffer.wrap(bytes)));
    DECODERS.put("handle", Datums::handleToValueForm);
    DECODERS.put("datum", bytes -> Datums.skip(ByteCursor.over(bytes)));
    DECODERS.put("binary JSON", BinaryJson::textUtf8);
    DECODERS.put("binary JSON size", bytes -> BinaryJson.size(ByteCursor.over(bytes)));
    DECODERS.put(
        "JSON text", bytes -> BinaryJson.ofText(new String(bytes, StandardCharsets.UTF_8)));
    DECODERS.put("job", DdlJobJson::parse);
    DECODERS.put("table", TableInfoJson::parse);
    DECODERS.put("database", DbInfoJson::parse);
  }

  static Stream<String> decoders() {
    return DECODERS.keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("decoders")
  @Timeout(120)
  void garbage_isADecodeError_orDecodes(String name) {
    Consumer<byte[]> decoder = DECODERS.get(name);
    assertThat(decoder).isNotNull();
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    List<byte[]> seeds = seeds();
    for (byte[] seed : seeds) {
      for (int length = 0; length <= seed.length; length++) {
        attempt(name, decoder, Arrays.copyOf(seed, length));
      }
    }
    for (int i = 0; i < FLIPS; i++) {
      byte[] flipped = seeds.get(random.nextInt(seeds.size())).clone();
      for (int flips = random.nextInt(4); flips >= 0 && flipped.length > 0; flips--) {
        flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
      }
      attempt(name, decoder, flipped);
    }
    for (int i = 0; i < RANDOM_INPUTS; i++) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      attempt(name, decoder, bytes);
    }
  }

  private static void attempt(String name, Consumer<byte[]> decoder, byte[] input) {
    try {
      decoder.accept(input);
    } catch (DecodeException e) {
      assertThat(e.offset()).as("offset of %s", e).isBetween(0, Math.max(input.length, 1));
      assertThat(e.getMessage()).hasSizeLessThan(1_000);
    } catch (RuntimeException | StackOverflowError e) {
      throw new AssertionError(
          name + ", seed " + SEED + ", input " + HexFormat.of().formatHex(input), e);
    }
  }

  private static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    for (JsonNode vector : RowVectors.list("mutations")) {
      seeds.add(RowVectors.bytes(vector));
    }
    for (JsonNode vector : RowVectors.list("meta")) {
      seeds.add(RowVectors.bytes(vector));
    }
    for (JsonNode vector : RowVectors.list("keys")) {
      seeds.add(RowVectors.bytes(vector));
    }
    for (JsonNode vector : RowVectors.list("cells")) {
      seeds.add(HexFormat.of().parseHex(vector.get("datum_hex").asText()));
      seeds.add(HexFormat.of().parseHex(vector.path("row_v2_hex").asText("")));
    }
    return seeds;
  }

  private static RowDecoder decoder(String vector) {
    return new RowDecoder(
        TableInfoJson.parse(RowVectors.named("mutations", vector).get("table_info")));
  }

  private static void walk(byte[] bytes) {
    for (TableMutation table : PrewriteValue.over(ByteBuffer.wrap(bytes))) {
      for (RowMutation row : table) {
        assertThat(row.row().remaining()).isNotNegative();
      }
    }
  }

  private static void insert(RowDecoder decoder, byte[] bytes) {
    print(decoder.insert(ByteBuffer.wrap(bytes), decoder.defaults()));
  }

  private static void update(RowDecoder decoder, byte[] bytes) {
    DecodedUpdate update =
        decoder.update(ByteBuffer.wrap(bytes), decoder.defaults(), UpdateGaps.FILL_WITH_DEFAULT);
    print(update.before());
    print(update.after());
  }

  private static void print(List<ColumnValue> values) {
    values.forEach(ValueText::of);
  }
}
