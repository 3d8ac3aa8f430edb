package org.tidbbinlog.codec.key;

import java.nio.ByteBuffer;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.bytes.ByteWriter;

/**
 * The key of a table's record in TiKV.
 *
 * <pre>
 * | 't' | table id ^ sign, 8 bytes | "_r" | handle: 8 bytes ^ sign, or key-form datums (9 or more) |
 * </pre>
 *
 * Source: row-format section 4.
 *
 * @param tableId table or partition id
 * @param handle as encoded in the key
 */
public record RecordKey(long tableId, Payload handle) {
  private static final int INT_HANDLE_BYTES = 8;
  private static final int MIN_COMMON_HANDLE_BYTES = 9;
  private static final long SIGN = 1L << 63;

  public static RecordKey ofInt(long tableId, long handle) {
    return new RecordKey(
        tableId, Payload.of(new ByteWriter(INT_HANDLE_BYTES).be64(handle ^ SIGN).toBytes()));
  }

  /**
   * @param encodedDatums key-form datums of the primary key's columns, padded with 00 when short
   */
  public static RecordKey ofCommon(long tableId, byte[] encodedDatums) {
    int pads = Math.max(0, MIN_COMMON_HANDLE_BYTES - encodedDatums.length);
    ByteWriter padded = new ByteWriter(encodedDatums.length + pads).bytes(encodedDatums);
    for (int i = 0; i < pads; i++) {
      padded.u8(0);
    }
    return new RecordKey(tableId, Payload.of(padded.toBytes()));
  }

  public boolean isIntHandle() {
    return handle.size() == INT_HANDLE_BYTES;
  }

  /** Only of a key with an int handle. */
  public long intHandle() {
    if (!isIntHandle()) {
      throw new IllegalStateException("a common handle of " + handle.size() + " bytes");
    }
    return handle.buffer().getLong() ^ SIGN;
  }

  public byte[] encode() {
    ByteWriter out = new ByteWriter(11 + handle.size());
    out.u8('t').be64(tableId ^ SIGN).u8('_').u8('r');
    return out.bytes(handle.buffer()).toBytes();
  }

  public static RecordKey decode(ByteBuffer key) {
    ByteCursor in = ByteCursor.over(key);
    if (in.u8() != 't') {
      throw in.fail("not a table's key");
    }
    long tableId = in.be64() ^ SIGN;
    if (in.u8() != '_' || in.u8() != 'r') {
      throw in.fail("not a record key");
    }
    if (in.remaining() < INT_HANDLE_BYTES) {
      throw in.fail("a handle of " + in.remaining() + " bytes");
    }
    return new RecordKey(tableId, Payload.of(in.slice(in.remaining())));
  }
}
