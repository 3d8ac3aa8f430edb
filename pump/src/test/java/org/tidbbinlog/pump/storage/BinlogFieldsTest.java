package org.tidbbinlog.pump.storage;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.binlog.BinlogHeader;
import org.tidbbinlog.codec.binlog.BinlogKind;

/**
 * The store's reader of records against the codec's: what one takes, the other must take and read
 * alike, or a record that was accepted could not be sorted.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class BinlogFieldsTest {
  private final BinlogFields fields = new BinlogFields();
  private int taken;
  private int refused;

  @Test
  void bothReaders_ofRandomBytes_agree() {
    for (int seed = 0; seed < 200_000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      byte[] bytes = new byte[random.nextInt(24)];
      random.nextBytes(bytes);
      requireAgreement(seed, bytes);
    }
    assertThat(refused).isGreaterThan(10_000);
  }

  @Test
  void bothReaders_ofRandomFields_agree() throws IOException {
    for (int seed = 0; seed < 200_000; seed++) {
      requireAgreement(seed, message(new SplittableRandom(seed)));
    }
    assertThat(taken).isGreaterThan(10_000);
    assertThat(refused).isGreaterThan(10_000);
  }

  @Test
  void bothReaders_ofSpoiltRecords_agree() {
    for (int seed = 0; seed < 200_000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      byte[] bytes = Records.prewriteDdl(4711L << 18, "create table t (a int)", 7, 5).array();
      for (int i = random.nextInt(3); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      requireAgreement(seed, bytes);
    }
    assertThat(taken).isGreaterThan(10_000);
    assertThat(refused).isGreaterThan(10_000);
  }

  /** Known and unknown fields with right and wrong wire types, groups, overlong numbers. */
  private static byte[] message(SplittableRandom random) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    for (int i = random.nextInt(5); i >= 0; i--) {
      long field = 1L + random.nextInt(10);
      boolean isScalar = field <= 3 || field == 7 || field == 8;
      int type = isScalar ? 0 : 2;
      if (random.nextInt(6) == 0) {
        type = random.nextInt(8);
      }
      if (random.nextInt(20) == 0) {
        field += (long) random.nextInt(16) << (26 + random.nextInt(8));
      }
      out.writeUInt64NoTag(field << 3 | type);
      writeBody(random, out, type);
    }
    out.flush();
    return bytes.toByteArray();
  }

  private static void writeBody(SplittableRandom random, CodedOutputStream out, int type)
      throws IOException {
    switch (type) {
      case 0 -> out.writeUInt64NoTag(random.nextLong() >>> random.nextInt(64));
      case 1 -> out.writeFixed64NoTag(random.nextLong());
      case 2 -> {
        byte[] value = new byte[random.nextInt(5)];
        random.nextBytes(value);
        out.writeUInt64NoTag(value.length + (random.nextInt(30) == 0 ? 1 : 0));
        out.writeRawBytes(value);
      }
      case 3 -> {
        out.writeUInt64NoTag((9 << 3) | 0);
        out.writeUInt64NoTag(random.nextInt(1000));
        out.writeUInt64NoTag(((9 + random.nextInt(2)) << 3) | 4);
      }
      case 5 -> out.writeFixed32NoTag(random.nextInt());
      default -> {}
    }
  }

  private void requireAgreement(int seed, byte[] bytes) {
    String what = "seed " + seed + ": " + HexFormat.of().formatHex(bytes);
    Optional<BinlogHeader> header = header(bytes);
    assertThat(isTaken(bytes)).as(what).isEqualTo(header.isPresent());
    assertThat(isDecoded(bytes)).as(what).isEqualTo(header.isPresent());
    if (header.isEmpty()) {
      refused++;
      return;
    }
    taken++;
    assertThat(BinlogKind.of(fields.kind())).as(what).isEqualTo(header.get().kind());
    assertThat(fields.startTs()).as(what).isEqualTo(header.get().startTs().value());
    assertThat(fields.commitTs()).as(what).isEqualTo(header.get().commitTs().value());
    assertThat(fields.ddlJobId()).as(what).isEqualTo(header.get().ddlJobId());
    assertThat(fields.isProbe()).as(what).isEqualTo(header.get().isProbe());
  }

  private static Optional<BinlogHeader> header(byte[] bytes) {
    try {
      return Optional.of(BinlogHeader.peek(ByteBuffer.wrap(bytes)));
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }

  private static boolean isDecoded(byte[] bytes) {
    try {
      return Binlog.decode(ByteBuffer.wrap(bytes)).encodedSize() > 0;
    } catch (DecodeException e) {
      return false;
    }
  }

  private boolean isTaken(byte[] bytes) {
    try {
      fields.read(ByteBuffer.wrap(bytes));
      return true;
    } catch (InvalidRecordException e) {
      return false;
    }
  }
}
