package org.tidbbinlog.tools.bench;

import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Random;

/**
 * Makes the requests of made-up transactions. A value is the transaction's number, its start
 * timestamp, and filling that is the same for all: so a request costs the client a head of some
 * sixty bytes, and what comes back can be checked without remembering what was sent.
 *
 * <pre>
 *  0              8          16                    S
 * +--------------+----------+---------------------+
 * | number       | start ts | filling             |   big endian
 * +--------------+----------+---------------------+
 * </pre>
 *
 * Source: pump-protocol sections 2, 3 and 5 ("What TiDB writes").
 */
final class Transactions {
  static final int MIN_VALUE_BYTES = 16;
  private static final int MAX_HEAD_BYTES = 128;
  private static final byte[] ZERO_JOB_AND_STATE = {0x38, 0, 0x40, 0};
  private static final byte[] NOTHING = {};

  private final long clusterId;
  private final byte[] filling;

  Transactions(long clusterId, int valueBytes) {
    this.clusterId = clusterId;
    this.filling = filling(valueBytes);
  }

  /** The filling of values of this size; random, so that nobody gains by compressing it. */
  static byte[] filling(int valueBytes) {
    byte[] bytes = new byte[valueBytes - MIN_VALUE_BYTES];
    new Random(valueBytes).nextBytes(bytes);
    return bytes;
  }

  Request prewrite(long number, long startTs) {
    int valueBytes = MIN_VALUE_BYTES + filling.length;
    byte[] binlogHead =
        encode(
            out -> {
              putHead(out, 0, startTs, 0, number);
              out.writeTag(5, 2);
              out.writeUInt32NoTag(valueBytes);
              writeBigEndian(out, number);
              writeBigEndian(out, startTs);
            });
    return request(binlogHead, filling);
  }

  Request commit(long number, long startTs, long commitTs) {
    return request(encode(out -> putHead(out, 1, startTs, commitTs, number)), NOTHING);
  }

  /** Key as of a row of table 1; TiDB sends it with both records. */
  private static void putHead(
      CodedOutputStream out, int kind, long startTs, long commitTs, long number)
      throws IOException {
    out.writeEnum(1, kind);
    out.writeInt64(2, startTs);
    out.writeInt64(3, commitTs);
    out.writeTag(4, 2);
    out.writeUInt32NoTag(19);
    out.write((byte) 't');
    writeBigEndian(out, 1L | Long.MIN_VALUE);
    out.write((byte) '_');
    out.write((byte) 'r');
    writeBigEndian(out, number | Long.MIN_VALUE);
  }

  private static void writeBigEndian(CodedOutputStream out, long value) throws IOException {
    out.writeFixed64NoTag(Long.reverseBytes(value));
  }

  private Request request(byte[] binlogHead, byte[] body) {
    int binlogBytes = binlogHead.length + body.length + ZERO_JOB_AND_STATE.length;
    byte[] head =
        encode(
            out -> {
              out.writeUInt64(1, clusterId);
              out.writeTag(2, 2);
              out.writeUInt32NoTag(binlogBytes);
              out.writeRawBytes(binlogHead);
            });
    return new Request(head, body, ZERO_JOB_AND_STATE);
  }

  private interface Encoding {
    void writeTo(CodedOutputStream out) throws IOException;
  }

  private static byte[] encode(Encoding encoding) {
    byte[] bytes = new byte[MAX_HEAD_BYTES];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      encoding.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return java.util.Arrays.copyOf(bytes, out.getTotalBytesWritten());
  }
}
