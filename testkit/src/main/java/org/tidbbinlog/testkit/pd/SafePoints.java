package org.tidbbinlog.testkit.pd;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;

/** PD's GC safe point and the services that hold it back. Source: registry section 8. */
public final class SafePoints {
  private final Clock clock;
  private final Map<String, ServiceSafePoint> services = new TreeMap<>();
  private Tso gcSafePoint = Tso.ZERO;

  /** What one service asked to keep, and until when. */
  public record ServiceSafePoint(String serviceId, Tso safePoint, Instant expiresAt) {}

  public SafePoints(Clock clock) {
    this.clock = clock;
  }

  public synchronized Tso gcSafePoint() {
    return gcSafePoint;
  }

  /** Moves the GC safe point, as far as no service holds it back; answers where it stands now. */
  public synchronized Tso collectUpTo(Tso wanted) {
    gcSafePoint = gcSafePoint.max(wanted.min(minimum(Tso.MAX)));
    return gcSafePoint;
  }

  /** Moves the GC safe point whoever holds it back. */
  public synchronized void force(Tso safePoint) {
    gcSafePoint = gcSafePoint.max(safePoint);
  }

  public synchronized Collection<ServiceSafePoint> services() {
    dropExpired();
    return List.copyOf(services.values());
  }

  public synchronized Optional<ServiceSafePoint> service(String id) {
    dropExpired();
    return Optional.ofNullable(services.get(id));
  }

  /** Answers the minimum over all services and the GC safe point, as PD does. */
  synchronized Tso update(String id, Duration ttl, Tso safePoint) {
    if (ttl.isNegative() || ttl.isZero()) {
      services.remove(id);
    } else if (!safePoint.isBefore(minimum(gcSafePoint))) {
      services.put(id, new ServiceSafePoint(id, safePoint, clock.now().plus(ttl)));
    }
    return minimum(gcSafePoint);
  }

  private Tso minimum(Tso start) {
    dropExpired();
    Tso least = start;
    for (ServiceSafePoint service : services.values()) {
      least = least.min(service.safePoint());
    }
    return least;
  }

  private void dropExpired() {
    Instant now = clock.now();
    services.values().removeIf(service -> service.expiresAt().isBefore(now));
  }
}
