package org.tidbbinlog.pump.storage;

import java.nio.ByteBuffer;

/**
 * One record on its way to the writer.
 *
 * @param ts what the record is known by, for the segment's footer
 * @param heapBytes what it counts against the queue's bound
 */
record AppendRequest(ByteBuffer payload, long ts, long heapBytes, AppendCallback done) {
  static AppendRequest of(ByteBuffer payload, BinlogFields fields, AppendCallback done) {
    ByteBuffer own = payload.slice();
    return new AppendRequest(own, fields.ts(), own.isDirect() ? 0 : own.remaining(), done);
  }

  long frameBytes() {
    return Frame.sizeBytes(payload.remaining());
  }
}
