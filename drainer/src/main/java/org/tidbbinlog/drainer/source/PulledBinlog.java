package org.tidbbinlog.drainer.source;

import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.drainer.merge.Merger;
import org.tidbbinlog.drainer.sink.StageTimes;

/**
 * One binlog as a Pump delivered it, still encoded. Large payloads are mapped from a spill file.
 *
 * @param nodeId the Pump it came from
 */
public record PulledBinlog(
    String nodeId, Tso startTs, Tso commitTs, Payload payload, StageTimes times)
    implements Merger.Timestamped {
  @Override
  public boolean isFake() {
    return startTs.equals(commitTs) && !startTs.isZero();
  }

  @Override
  public int sizeBytes() {
    return payload.size();
  }
}
