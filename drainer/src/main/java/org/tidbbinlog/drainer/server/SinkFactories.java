package org.tidbbinlog.drainer.server;

import java.util.Map;
import org.tidbbinlog.drainer.sink.SinkFactory;
import org.tidbbinlog.node.metrics.Metrics;

/** The targets that the program was built with, by {@code db-type}. */
@FunctionalInterface
public interface SinkFactories {
  /**
   * @param metrics where sinks register what they measure
   */
  Map<DrainerSettings.DestType, SinkFactory<DrainerSettings>> with(Metrics metrics);
}
