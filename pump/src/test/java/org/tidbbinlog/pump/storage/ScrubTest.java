package org.tidbbinlog.pump.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.Tso;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ScrubTest {
  private final Rig rig = new Rig();

  private static long at(long second) {
    return Tso.of(second * 1000, 0).value();
  }

  @BeforeEach
  void fill() throws IOException {
    for (int second = 100; second < 6000; second += 100) {
      rig.write(
          Records.prewrite(at(second), new byte[300]), Records.commit(at(second), at(second + 1)));
      while (rig.engine.proveStep()) {}
    }
    rig.sort();
  }

  @Test
  void soundLog_isReadWholeAndNothingIsFound() throws Exception {
    List<Long> pieces = new ArrayList<>();
    rig.engine.scrub(pieces::add);

    ScrubReport report = rig.engine.scrubReport();
    long finished =
        rig.engine.segments().stream()
            .filter(SegmentInfo::finished)
            .mapToLong(SegmentInfo::bytes)
            .sum();
    assertThat(report.passes()).isOne();
    assertThat(report.damages()).isEmpty();
    assertThat(report.lastPass()).isPresent();
    assertThat(report.records()).isPositive();
    assertThat(pieces.stream().mapToLong(Long::longValue).sum()).isGreaterThanOrEqualTo(finished);
    assertThat(report.bytes()).isGreaterThanOrEqualTo(finished);
  }

  @Test
  void flippedBit_isReportedWithFileOffsetAndNeighbours() throws Exception {
    byte[] segment = rig.disk.content("value/000001.vlog");
    segment[500] ^= 4;
    rig.disk.replace("value/000001.vlog", segment);

    rig.engine.scrub(ScrubPace.UNLIMITED);

    assertThat(rig.engine.scrubReport().damages())
        .first()
        .satisfies(
            damage -> {
              assertThat(damage.file()).isEqualTo("value/000001.vlog");
              assertThat(damage.offset()).isLessThanOrEqualTo(500);
              assertThat(damage.offset() + damage.bytes()).isGreaterThan(500);
              assertThat(damage.before().isZero()).isFalse();
              assertThat(damage.after()).isGreaterThan(damage.before());
              assertThat(damage.text()).contains("CRC").contains(damage.before().toString());
            });
  }

  @Test
  void recordAlteredWithItsCrc_isFoundByTheProof() throws Exception {
    byte[] segment = rig.disk.content("value/000002.vlog");
    ByteBuffer bytes = ByteBuffer.wrap(segment).order(ByteOrder.LITTLE_ENDIAN);
    int second = Frame.HEADER_BYTES + (int) bytes.getLong(4);
    int length = (int) bytes.getLong(second + 4);
    segment[second + Frame.HEADER_BYTES + length - 6] ^= 1;
    bytes.putInt(second + 12, Frame.crc(bytes.slice(second + Frame.HEADER_BYTES, length)));
    rig.disk.replace("value/000002.vlog", segment);

    rig.engine.scrub(ScrubPace.UNLIMITED);

    assertThat(rig.engine.scrubReport().damages())
        .isNotEmpty()
        .allMatch(damage -> damage.file().equals("value/000002.vlog"))
        .anyMatch(damage -> damage.what().contains("signed"));
  }

  @Test
  void fileGone_isReported_andTheNextPassSaysWhatIsTrueThen() throws Exception {
    byte[] segment = rig.disk.content("value/000001.vlog");
    rig.disk.delete("value/000001.vlog");
    rig.engine.scrub(ScrubPace.UNLIMITED);
    assertThat(rig.engine.scrubReport().damages())
        .singleElement()
        .matches(damage -> damage.what().contains("cannot be read"));

    rig.disk.replace("value/000001.vlog", segment);
    rig.engine.scrub(ScrubPace.UNLIMITED);
    assertThat(rig.engine.scrubReport().damages()).isEmpty();
  }

  @Test
  void collectedSegment_isNoDamage() throws Exception {
    rig.collect(at(4000));
    rig.engine.scrub(ScrubPace.UNLIMITED);
    assertThat(rig.engine.scrubReport().damages()).isEmpty();
  }

  @Test
  void pass_ofAnInterruptedThread_ends() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> rig.engine.scrub(ScrubPace.UNLIMITED))
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
  }
}
