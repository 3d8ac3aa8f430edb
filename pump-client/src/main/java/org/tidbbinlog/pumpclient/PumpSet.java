package org.tidbbinlog.pumpclient;

import io.grpc.ManagedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;

/**
 * All known Pumps, and which of them are available. A Pump is available while the registry says
 * online and it does not fail all the time; it comes back by a change of state, a probe, or a call
 * of last resort. Safe for many threads. Source: pump-client section 3.
 */
final class PumpSet {
  private static final Logger LOG = LoggerFactory.getLogger(PumpSet.class);

  private final PumpStrategy strategy;
  private final Avoiding avoiding;
  private final RandomGenerator random;
  private final Function<String, ManagedChannel> dial;
  private final Clock clock;
  private final Map<String, Pump> all = new TreeMap<>();
  private final TreeSet<String> available = new TreeSet<>();
  private Optional<PumpSelector> selector = Optional.empty();

  /** Whether Pumps that fail all the time are avoided. */
  enum Avoiding {
    FAILING_PUMPS,
    /** There is only one, and nobody probes it. */
    NONE
  }

  PumpSet(
      PumpStrategy strategy,
      Avoiding avoiding,
      RandomGenerator random,
      Function<String, ManagedChannel> dial,
      Clock clock) {
    this.strategy = strategy;
    this.avoiding = avoiding;
    this.random = random;
    this.dial = dial;
    this.clock = clock;
  }

  /** The registry's newest list. Pumps that left it serve no new transaction. */
  synchronized void update(List<NodeStatus> nodes) {
    Set<String> before = new TreeSet<>(available);
    TreeSet<String> gone = new TreeSet<>(all.keySet());
    for (NodeStatus node : nodes) {
      gone.remove(node.nodeId());
      Pump known = all.get(node.nodeId());
      if (known == null) {
        all.put(node.nodeId(), new Pump(node, dial, clock));
        mark(node);
      } else {
        change(known, node);
      }
    }
    for (String id : gone) {
      Pump pump = all.remove(id);
      available.remove(id);
      if (pump != null) {
        pump.hangUp();
      }
    }
    refreshIfChanged(before);
  }

  /** A changed state or address ends old errors and the old connection. */
  private void change(Pump pump, NodeStatus node) {
    NodeStatus old = pump.status();
    pump.status(node);
    if (old.state() != node.state()) {
      LOG.atInfo()
          .addKeyValue("nodeId", node.nodeId())
          .addKeyValue("oldState", old.state())
          .addKeyValue("state", node.state())
          .log("[pumps client] pump changed");
      pump.reset();
      mark(node);
    } else if (!old.host().equals(node.host())) {
      pump.reset();
    }
  }

  private void mark(NodeStatus node) {
    if (node.state() == NodeState.ONLINE) {
      available.add(node.nodeId());
    } else {
      available.remove(node.nodeId());
    }
  }

  /** After an error: Pumps that are not usable any more leave the available ones. */
  synchronized void dropUnusable() {
    if (avoiding == Avoiding.NONE) {
      return;
    }
    Set<String> before = new TreeSet<>(available);
    available.removeIf(
        id -> {
          Pump pump = all.get(id);
          boolean drops = pump == null || !pump.isUsable();
          if (drops && pump != null) {
            pump.reset();
          }
          return drops;
        });
    refreshIfChanged(before);
  }

  /** The Pump answered: it may be chosen again, if the registry agrees. */
  synchronized void revive(Pump pump) {
    Set<String> before = new TreeSet<>(available);
    if (pump.isOnline() && all.containsValue(pump)) {
      available.add(pump.status().nodeId());
    }
    refreshIfChanged(before);
  }

  private void refreshIfChanged(Set<String> before) {
    if (before.equals(available)) {
      return;
    }
    LOG.atInfo().addKeyValue("available", available).log("[pumps client] available pumps changed");
    List<Pump> pumps = all.values().stream().filter(this::isAvailable).toList();
    selector =
        pumps.isEmpty() ? Optional.empty() : Optional.of(PumpSelector.of(strategy, pumps, random));
  }

  private boolean isAvailable(Pump pump) {
    return available.contains(pump.status().nodeId());
  }

  synchronized Optional<Pump> select(Tso startTs, int attempt) {
    return selector.map(chosen -> chosen.select(startTs, attempt));
  }

  synchronized int availableCount() {
    return available.size();
  }

  /** Every Pump that the registry calls online, available or not. */
  synchronized List<Pump> online() {
    return all.values().stream().filter(Pump::isOnline).toList();
  }

  synchronized List<Pump> avoided() {
    return all.values().stream().filter(p -> p.isOnline() && !isAvailable(p)).toList();
  }

  synchronized List<PumpView> views() {
    List<PumpView> views = new ArrayList<>();
    for (Pump pump : all.values()) {
      PumpView.Use use =
          isAvailable(pump)
              ? PumpView.Use.AVAILABLE
              : pump.isOnline() ? PumpView.Use.AVOIDED : PumpView.Use.NOT_ONLINE;
      views.add(new PumpView(pump.status(), use, pump.errors()));
    }
    return views;
  }

  synchronized void close() {
    all.values().forEach(Pump::close);
  }
}
