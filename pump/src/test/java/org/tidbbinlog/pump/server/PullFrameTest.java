package org.tidbbinlog.pump.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.pump.storage.PullRecord;
import org.tidbbinlog.wire.pump.PullBinlogResp;

final class PullFrameTest {
  private static PullRecord record(long startTs, long commitTs, String... parts) {
    List<ByteBuffer> buffers =
        java.util.Arrays.stream(parts)
            .map(part -> ByteBuffer.wrap(part.getBytes(US_ASCII)))
            .toList();
    return new PullRecord(new Tso(startTs), new Tso(commitTs), buffers);
  }

  private static String hex(PullRecord record) throws IOException {
    ByteArrayOutputStream drained = new ByteArrayOutputStream();
    PullFrame frame = new PullFrame(record);
    int available = frame.available();
    assertThat(frame.drainTo(drained)).isEqualTo(available).isEqualTo(drained.size());
    assertThat(new PullFrame(record).readAllBytes()).isEqualTo(drained.toByteArray());
    return HexFormat.of().formatHex(drained.toByteArray());
  }

  @Test
  void response_isByteForByteTheOriginals() throws IOException {
    assertThat(hex(record(1, 2, "abc"))).isEqualTo("0a0d0a001203616263220408011002");
    assertThat(hex(record(0, 0))).isEqualTo("0a040a002200");
  }

  @Test
  @DisplayName(
      "pump-protocol fact 7: each message begins 0a .. 0a 00 12, the empty position is there")
  void response_emitsEmptyPosition() throws IOException {
    assertThat(hex(record(3, 4, "x"))).matches("0a..0a0012.*");
  }

  @Test
  void partsOfALargeRecord_areJoined() throws IOException {
    String big = "v".repeat(200_000);
    ByteArrayOutputStream drained = new ByteArrayOutputStream();
    new PullFrame(record(1, 2, "head", big, "tail")).drainTo(drained);
    PullBinlogResp parsed = PullBinlogResp.parseFrom(drained.toByteArray());
    assertThat(parsed.getEntity().getPayload().toString(US_ASCII)).isEqualTo("head" + big + "tail");
    assertThat(parsed.getEntity().getMeta().getCommitTs()).isEqualTo(2);
  }
}
