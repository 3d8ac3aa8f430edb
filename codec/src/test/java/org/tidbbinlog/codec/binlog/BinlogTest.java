package org.tidbbinlog.codec.binlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.Payload;

class BinlogTest {
  private static final HexFormat HEX = HexFormat.of();

  @Test
  @DisplayName("pump-protocol fact 5: an empty binlog is five zero fields")
  void emptyInput_decodes_andEncodesToFiveZeroFields() {
    Binlog binlog = Binlog.decode(ByteBuffer.allocate(0));
    assertThat(binlog.kind()).isEqualTo(BinlogKind.PREWRITE);
    assertThat(binlog.header().isProbe()).isTrue();
    assertThat(hex(binlog)).isEqualTo("08001000180038004000");
  }

  @Test
  @DisplayName("pump-protocol fact 6: a fake binlog of timestamp 1000")
  void fake_ofTimestamp1000_hasTheKnownBytes() {
    Binlog fake = Binlog.fake(new Tso(1000));
    assertThat(hex(fake)).isEqualTo("080210e80718e80738004000");
    assertThat(fake.isFake()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "08001000180038004000",
        "080210e80718e80738004000",
        "080010ffffffffffffffffff011800380040ffffffffffffffffff01",
        "08001000180022002a0038004000",
        "080010cb89d783f391e39b06180022016b2a3808341234082d120b08020804020a616c6963651a1408020802"
            + "0804020a616c6963650802080208040032070802080208040038003801380438004000",
        "080110cb89d783f391e39b0618cd89d783f391e39b0622016b38004000",
        "08001005180022016b321b435245415445205441424c4520607460202860616020494e54293b38644005",
        "081910011802380040004a0161"
      })
  void knownBytes_roundTrip(String bytes) {
    assertThat(hex(decode(bytes))).isEqualTo(bytes);
  }

  @Test
  void unknownKindAndFields_areKept() {
    Binlog binlog = decode("081910011802380040004a0161500b");
    assertThat(binlog.kind()).isEqualTo(BinlogKind.UNKNOWN);
    assertThat(hex(binlog)).isEqualTo("081910011802380040004a0161500b");
  }

  @Test
  void presentButEmptyBytes_areNotAbsent() {
    Binlog binlog = decode("08001000180022002a0038004000");
    assertThat(binlog.prewriteKey()).isEqualTo(Payload.EMPTY);
    assertThat(binlog.ddlQuery()).isEqualTo(Payload.ABSENT);
  }

  @Test
  void fieldsInAnyOrder_lastScalarWins() {
    Binlog binlog = decode("38071801080118020801");
    assertThat(binlog.commitTs()).isEqualTo(new Tso(2));
    assertThat(binlog.ddlJobId()).isEqualTo(7);
    assertThat(binlog.kind()).isEqualTo(BinlogKind.COMMIT);
  }

  @Test
  void garbage_isTheOriginalsError() {
    ByteBuffer garbage = ByteBuffer.wrap(HEX.parseHex("010203"));
    assertThatThrownBy(() -> Binlog.decode(garbage))
        .isInstanceOfSatisfying(
            DecodeException.class,
            e -> {
              assertThat(e.what()).isEqualTo("proto: Binlog: illegal tag 0 (wire type 1)");
              assertThat(e.offset()).isZero();
            });
    assertThatThrownBy(() -> BinlogHeader.peek(garbage)).isInstanceOf(DecodeException.class);
  }

  @Test
  void commitOfPrewrite_keepsAllButTheValue_andPumpPutsItBack() {
    Binlog prewrite =
        Binlog.prewrite(new Tso(10), Payload.ofUtf8("k"), Payload.of(new byte[] {1, 2, 3}));
    Binlog commit = Binlog.commitOf(prewrite, new Tso(12));
    assertThat(hex(commit)).isEqualTo("0801100a180c22016b38004000");
    Binlog matched = prewrite.withCommit(commit);
    assertThat(matched.prewriteValue()).isEqualTo(prewrite.prewriteValue());
    assertThat(matched.header())
        .isEqualTo(new BinlogHeader(BinlogKind.COMMIT, new Tso(10), new Tso(12), 0));
    assertThat(BinlogHeader.peek(ByteBuffer.wrap(matched.encode()))).isEqualTo(matched.header());
    assertThat(Binlog.rollbackOf(prewrite).commitTs()).isEqualTo(Tso.ZERO);
  }

  @Test
  void deliveredRecord_withoutItsCommit_isThePrewriteAgain() {
    Payload key = Payload.ofUtf8("k");
    for (Binlog prewrite :
        List.of(
            Binlog.prewrite(new Tso(10), key, Payload.of(new byte[] {1, 2, 3})),
            Binlog.prewriteDdl(new Tso(10), key, Payload.ofUtf8("drop table t"), 7, 5))) {
      Binlog delivered = prewrite.withCommit(Binlog.commitOf(prewrite, new Tso(12)));
      assertThat(delivered.withoutCommit()).isEqualTo(prewrite);
      assertThat(hex(decode(hex(delivered)).withoutCommit())).isEqualTo(hex(prewrite));
    }
  }

  private static Binlog decode(String hex) {
    return Binlog.decode(ByteBuffer.wrap(HEX.parseHex(hex)));
  }

  private static String hex(Binlog binlog) {
    assertThat(binlog.encodedSize()).isEqualTo(binlog.encode().length);
    return HEX.formatHex(binlog.encode());
  }
}
