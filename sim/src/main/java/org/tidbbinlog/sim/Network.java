package org.tidbbinlog.sim;

import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Messages between nodes: late, lost, twice; and Pumps nobody reaches. */
final class Network {
  private static final long ANSWER_LIMIT_NS = TimeUnit.SECONDS.toNanos(3);

  private final Agenda agenda;
  private final Chance chance;
  private final Set<String> cut = new TreeSet<>();

  Network(Agenda agenda, Chance chance) {
    this.agenda = agenda;
    this.chance = chance;
  }

  void cut(SimPump pump) {
    cut.add(pump.id());
  }

  void join(SimPump pump) {
    cut.remove(pump.id());
  }

  boolean isCut(SimPump pump) {
    return cut.contains(pump.id());
  }

  /** How long one message takes. */
  long delayNs() {
    return chance.oneIn(30) ? chance.millis(0, 2500) : chance.millis(0, 3);
  }

  /** A record to a Pump; {@code done} hears once whether it was acknowledged in time. */
  void write(SimPump pump, WrittenRecord record, Consumer<Boolean> done) {
    boolean[] answered = {false};
    Consumer<Boolean> once =
        acknowledged -> {
          if (!answered[0]) {
            answered[0] = true;
            done.accept(acknowledged);
          }
        };
    agenda.after(ANSWER_LIMIT_NS, "", () -> once.accept(false));
    deliver(pump, record, once);
    if (chance.oneIn(40)) {
      deliver(pump, record, acknowledged -> {});
    }
  }

  private void deliver(SimPump pump, WrittenRecord record, Consumer<Boolean> answer) {
    if (isLost(pump)) {
      return;
    }
    agenda.after(
        delayNs(),
        record.what() + " reaches " + pump.id(),
        () ->
            pump.append(
                record,
                acknowledged -> {
                  if (!isLost(pump)) {
                    agenda.after(delayNs(), "", () -> answer.accept(acknowledged));
                  }
                }));
  }

  private boolean isLost(SimPump pump) {
    return isCut(pump) || chance.oneIn(80);
  }
}
