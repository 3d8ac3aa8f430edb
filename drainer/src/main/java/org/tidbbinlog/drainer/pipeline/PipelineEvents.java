package org.tidbbinlog.drainer.pipeline;

import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.source.PulledBinlog;

/** Told what happens along the way; calls come from many threads and must not block. */
public interface PipelineEvents {
  /** A Pump delivered a binlog. */
  void onReceived(PulledBinlog binlog);

  /** The target has everything up to this item; its clocks are all set. */
  void onAcknowledged(SinkItem item);

  /** A station broke and the pipeline stands still; called once. */
  void onFailure(Throwable cause);
}
