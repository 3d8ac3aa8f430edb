package org.tidbbinlog.drainer.server;

import java.util.Map;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.drainer.sink.SinkFactory;

/** The targets that the program was built with, by {@code db-type}. */
public record SinkFactories(Map<DrainerSettings.DestType, SinkFactory<DrainerSettings>> byType) {
  public SinkFactories {
    byType = Map.copyOf(byType);
  }

  SinkFactory<DrainerSettings> require(DrainerSettings.DestType type) {
    SinkFactory<DrainerSettings> factory = byType.get(type);
    if (factory == null) {
      throw new OperatorException("db-type " + type + " is not part of this program");
    }
    return factory;
  }
}
