package org.tidbbinlog.cluster.pd;

import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;

/**
 * Keeps the garbage collector away from what a service still has to read: renewed at half its life
 * time by the thread {@code cluster-safepoint-1}. Closing stops the renewal; PD forgets the point
 * when its time is over. Source: registry section 8, ddl-meta section 7.
 */
public final class ServiceSafePoint implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceSafePoint.class);
  public static final Duration DEFAULT_TTL = Duration.ofMinutes(5);
  private static final int TRIES = 11;

  private final PdClient pd;
  private final Clock clock;
  private final String serviceId;
  private final Duration ttl;
  private final Supplier<Tso> wanted;
  private final Thread thread;
  private volatile Tso held = Tso.ZERO;

  private ServiceSafePoint(
      PdClient pd, Clock clock, String serviceId, Duration ttl, Supplier<Tso> wanted) {
    this.pd = pd;
    this.clock = clock;
    this.serviceId = serviceId;
    this.ttl = ttl;
    this.wanted = wanted;
    this.thread = new Thread(this::run, "cluster-safepoint-1");
    this.thread.setDaemon(true);
  }

  /**
   * Registers at once, then keeps on asking {@code wanted} for the point to hold.
   *
   * @throws RetryableException when PD did not answer the first time
   */
  public static ServiceSafePoint hold(
      PdClient pd, Clock clock, String serviceId, Duration ttl, Supplier<Tso> wanted)
      throws InterruptedException {
    ServiceSafePoint point = new ServiceSafePoint(pd, clock, serviceId, ttl, wanted);
    point.renew();
    point.thread.start();
    return point;
  }

  public String serviceId() {
    return serviceId;
  }

  /** Everything from here on stays readable; after the wanted point when that came too late. */
  public Tso held() {
    return held;
  }

  /** Moves the held point to the wanted one without waiting for the next round. */
  public void renew() throws InterruptedException {
    Tso point = wanted.get();
    Tso minimum = pd.updateServiceSafePoint(serviceId, ttl, point);
    held = point.max(minimum);
    if (minimum.isAfter(point)) {
      LOG.atError()
          .addKeyValue("serviceId", serviceId)
          .addKeyValue("safePoint", point)
          .addKeyValue("minimum", minimum)
          .log("service safe point refused, older data may be gone");
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void run() {
    try {
      while (true) {
        clock.sleep(ttl.dividedBy(2));
        renewPatiently();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void renewPatiently() throws InterruptedException {
    for (int i = 1; i <= TRIES; i++) {
      try {
        renew();
        return;
      } catch (RetryableException e) {
        LOG.atWarn()
            .addKeyValue("serviceId", serviceId)
            .addKeyValue("try", i)
            .addKeyValue("error", e.getMessage())
            .log("service safe point not renewed");
        clock.sleep(Duration.ofSeconds(1));
      }
    }
  }
}
