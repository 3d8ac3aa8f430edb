package org.tidbbinlog.drainer.source;

import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.drainer.merge.Merger;
import org.tidbbinlog.drainer.sink.StageTimes;

/**
 * One binlog as a Pump delivered it, still encoded. A large payload lies in a spill file: whoever
 * does not pass the binlog on {@link #drop}s it.
 *
 * @param nodeId the Pump it came from
 */
public record PulledBinlog(
    String nodeId, Tso startTs, Tso commitTs, PulledPayload payload, StageTimes times)
    implements Merger.Timestamped {
  /** One whose payload is on the heap. */
  public PulledBinlog(String nodeId, Tso startTs, Tso commitTs, Payload payload, StageTimes times) {
    this(nodeId, startTs, commitTs, PulledPayload.of(payload), times);
  }

  @Override
  public boolean isFake() {
    return startTs.equals(commitTs) && !startTs.isZero();
  }

  @Override
  public int sizeBytes() {
    return payload.size();
  }

  @Override
  public void drop() {
    payload.letGo();
  }
}
