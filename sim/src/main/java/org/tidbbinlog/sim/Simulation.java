package org.tidbbinlog.sim;

import java.util.List;
import java.util.Optional;

/** Runs one seed's world from beginning to end. */
public final class Simulation {
  private Simulation() {}

  /**
   * What became of a run.
   *
   * @param hash of all events: the same for the same seed
   * @param transactions committed
   * @param failure what promise was broken, empty when none was
   * @param tail the last events
   */
  public record Outcome(
      long seed, String hash, long events, int transactions, String failure, List<String> tail) {
    public Outcome {
      tail = List.copyOf(tail);
    }

    public boolean isClean() {
      return failure.isEmpty();
    }

    /** For people: the seed, the last events, and how to see it again. */
    public String report() {
      return "seed %d: %s%n  last events:%n    %s%n  event log hash %s, %d events%n  again: %s%n"
          .formatted(
              seed,
              failure,
              String.join("%n    ".formatted(), tail),
              hash,
              events,
              "bin/tidb-binlog simulate --seed " + seed);
    }
  }

  /**
   * @param keepEvents how many of the last events {@link Outcome#tail} holds
   */
  public static Outcome run(long seed, int keepEvents) {
    World world = new World(seed, keepEvents);
    Optional<Throwable> failure = Optional.empty();
    try {
      world.run();
    } catch (RuntimeException | AssertionError | PowerCut e) {
      failure = Optional.of(e);
    }
    EventLog log = world.log();
    return new Outcome(
        seed,
        log.hash(),
        log.count(),
        world.transactions(),
        failure.map(Simulation::text).orElse(""),
        log.tail());
  }

  private static String text(Throwable failure) {
    if (failure instanceof Violation) {
      return String.valueOf(failure.getMessage());
    }
    StringBuilder text = new StringBuilder("bug: " + failure);
    for (StackTraceElement line : failure.getStackTrace()) {
      text.append(System.lineSeparator()).append("      at ").append(line);
    }
    return text.toString();
  }
}
