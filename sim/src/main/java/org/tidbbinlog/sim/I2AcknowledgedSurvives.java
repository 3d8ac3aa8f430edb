package org.tidbbinlog.sim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.tidbbinlog.pump.storage.StoredRecord;
import org.tidbbinlog.pump.storage.ValueLogReader;

/**
 * I2: what was acknowledged survives any end. Looks whenever a Pump was opened: reads the whole
 * value log and misses every acknowledged record that is not there byte for byte and still needed.
 */
final class I2AcknowledgedSurvives implements Checker {
  @Override
  public void afterEvent() {}

  @Override
  public void opened(SimPump pump) {
    Set<Long> found = new HashSet<>();
    try {
      ValueLogReader reader = ValueLogReader.open(pump.disk());
      Optional<StoredRecord> next = reader.next();
      while (next.isPresent()) {
        found.add(WrittenRecord.fingerprint(next.get().payload()));
        next = reader.next();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    long gcTs = pump.engine().gcTs().value();
    for (WrittenRecord record : pump.acknowledged()) {
      if (!found.contains(record.fingerprint()) && record.isNeeded().test(gcTs)) {
        throw new Violation("I2", pump.id() + " acknowledged " + record.what() + " and lost it");
      }
    }
  }
}
