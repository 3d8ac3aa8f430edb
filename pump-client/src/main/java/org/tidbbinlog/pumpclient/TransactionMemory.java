package org.tidbbinlog.pumpclient;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.tidbbinlog.base.Tso;

/**
 * Which Pump took a transaction's Prewrite. Transactions that never end would stay for ever, so
 * beyond the limit the oldest are forgotten; their Pump then asks TiKV.
 */
final class TransactionMemory {
  private final int limit;
  private final Map<Tso, Pump> pumps = new LinkedHashMap<>();

  TransactionMemory(int limit) {
    this.limit = limit;
  }

  synchronized void remember(Tso startTs, Pump pump) {
    pumps.put(startTs, pump);
    if (pumps.size() > limit) {
      var oldest = pumps.entrySet().iterator();
      oldest.next();
      oldest.remove();
    }
  }

  synchronized Optional<Pump> recall(Tso startTs) {
    return Optional.ofNullable(pumps.get(startTs));
  }

  synchronized void forget(Tso startTs) {
    pumps.remove(startTs);
  }

  synchronized int size() {
    return pumps.size();
  }
}
