package org.tidbbinlog.testkit.workload;

import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.key.MetaKey;

/**
 * One change of TiDB's meta space.
 *
 * @param value {@link Payload#ABSENT} deletes the key
 */
public record MetaWrite(MetaKey key, Payload value) {
  static MetaWrite put(MetaKey key, byte[] value) {
    return new MetaWrite(key, Payload.of(value));
  }

  static MetaWrite put(MetaKey key, String value) {
    return new MetaWrite(key, Payload.ofUtf8(value));
  }

  static MetaWrite delete(MetaKey key) {
    return new MetaWrite(key, Payload.ABSENT);
  }

  public boolean isDelete() {
    return !value.isPresent();
  }
}
