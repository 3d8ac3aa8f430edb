package org.tidbbinlog.drainer.server;

import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.cluster.pd.ServiceSafePoint;

/**
 * Keeps TiKV from collecting the schema at the checkpoint while it is being read. Without it the
 * history still serves, so a refusal is no error. Source: drainer section 8.4.
 */
final class SchemaHold implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SchemaHold.class);

  private final Tso ts;
  private final Optional<ServiceSafePoint> held;

  private SchemaHold(Tso ts, Optional<ServiceSafePoint> held) {
    this.ts = ts;
    this.held = held;
  }

  static SchemaHold take(ClusterConnection cluster, Tso ts, Clock clock)
      throws InterruptedException {
    if (ts.isZero()) {
      return new SchemaHold(ts, Optional.empty());
    }
    try {
      if (cluster.gcSafePoint().isAfter(ts)) {
        return new SchemaHold(ts, Optional.empty());
      }
      String service = "drainer_" + clock.now().toEpochMilli() * 1_000_000L;
      return new SchemaHold(ts, Optional.of(cluster.serviceSafePoint(service, () -> ts)));
    } catch (RetryableException e) {
      LOG.atWarn().addKeyValue("error", e.getMessage()).log("schema is not kept while it is read");
      return new SchemaHold(ts, Optional.empty());
    }
  }

  Tso ts() {
    return ts;
  }

  @Override
  public void close() {
    held.ifPresent(ServiceSafePoint::close);
  }
}
