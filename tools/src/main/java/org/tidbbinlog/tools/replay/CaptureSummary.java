package org.tidbbinlog.tools.replay;

import java.nio.ByteBuffer;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.binlog.BinlogHeader;
import org.tidbbinlog.testkit.capture.Capture;
import org.tidbbinlog.testkit.capture.CaptureReader;

/** What has to be known of a capture before it is played. */
public record CaptureSummary(long binlogs, long sizeBytes, Tso firstStartTs, Tso lastCommitTs) {
  /** Reads the whole capture once; its messages must be matched and in commit order. */
  static CaptureSummary of(Capture capture) {
    long binlogs = 0;
    long sizeBytes = 0;
    Tso firstStart = Tso.MAX;
    Tso last = Tso.ZERO;
    try (CaptureReader reader = capture.binlogs()) {
      while (reader.hasNext()) {
        byte[] message = reader.next();
        BinlogHeader header = BinlogHeader.peek(ByteBuffer.wrap(message));
        if (!header.commitTs().isAfter(last) || !header.startTs().isBefore(header.commitTs())) {
          throw new OperatorException(
              "%s: message %d is no matched transaction in commit order (start ts %s, commit ts %s)"
                  .formatted(capture.folder(), binlogs, header.startTs(), header.commitTs()));
        }
        firstStart = firstStart.min(header.startTs());
        last = header.commitTs();
        binlogs++;
        sizeBytes += message.length;
      }
    }
    if (binlogs == 0) {
      throw new OperatorException(capture.folder() + " holds no binlog");
    }
    return new CaptureSummary(binlogs, sizeBytes, firstStart, last);
  }
}
