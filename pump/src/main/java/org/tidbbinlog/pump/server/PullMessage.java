package org.tidbbinlog.pump.server;

import java.nio.ByteBuffer;
import org.tidbbinlog.pump.storage.PullRecord;

/**
 * A {@code PullBinlogResp} around a record, byte for byte as the original writes it: what comes
 * before and after the record's own bytes.
 *
 * <pre>
 * 0a len { 0a 00 (empty pos) | [12 len record] | 22 len { [08 start] [10 commit] } }
 * </pre>
 *
 * Source: pump-protocol sections 2 and 4.
 */
final class PullMessage {
  /** Bound on head and tail together. */
  static final int MAX_AROUND_BYTES = 64;

  private static final byte ENTITY = 0x0a;
  private static final byte EMPTY_POS = 0x0a;
  private static final byte PAYLOAD = 0x12;
  private static final byte META = 0x22;
  private static final byte START_TS = 0x08;
  private static final byte COMMIT_TS = 0x10;

  private PullMessage() {}

  static int sizeBytes(int payloadBytes, PullRecord record) {
    int entityBytes = entityBytes(payloadBytes, record);
    return 1 + varintBytes(entityBytes) + entityBytes;
  }

  private static int entityBytes(int payloadBytes, PullRecord record) {
    int payload = payloadBytes == 0 ? 0 : 1 + varintBytes(payloadBytes);
    return Math.addExact(2 + payload + 2 + metaBytes(record), payloadBytes);
  }

  /** Two timestamps: always shorter than one length byte can say. */
  private static int metaBytes(PullRecord record) {
    return scalarBytes(record.startTs().value()) + scalarBytes(record.commitTs().value());
  }

  private static int scalarBytes(long value) {
    return value == 0 ? 0 : 1 + varintBytes(value);
  }

  static void putHead(ByteBuffer target, int payloadBytes, PullRecord record) {
    putVarint(target.put(ENTITY), entityBytes(payloadBytes, record));
    target.put(EMPTY_POS).put((byte) 0);
    if (payloadBytes > 0) {
      putVarint(target.put(PAYLOAD), payloadBytes);
    }
  }

  static void putTail(ByteBuffer target, PullRecord record) {
    target.put(META).put((byte) metaBytes(record));
    putScalar(target, START_TS, record.startTs().value());
    putScalar(target, COMMIT_TS, record.commitTs().value());
  }

  private static void putScalar(ByteBuffer target, byte tag, long value) {
    if (value != 0) {
      putVarint(target.put(tag), value);
    }
  }

  private static int varintBytes(long value) {
    return Math.max(1, (70 - Long.numberOfLeadingZeros(value)) / 7);
  }

  private static void putVarint(ByteBuffer target, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      target.put((byte) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    target.put((byte) rest);
  }
}
