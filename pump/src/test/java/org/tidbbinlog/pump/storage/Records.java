package org.tidbbinlog.pump.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import org.tidbbinlog.wire.payload.Binlog;
import org.tidbbinlog.wire.payload.BinlogType;

/** Serialized Binlogs as TiDB writes them, made by protobuf and not by the code under test. */
final class Records {
  private Records() {}

  static ByteBuffer prewrite(long start, byte[] value) {
    return bytes(
        binlog(BinlogType.Prewrite, start, 0)
            .setPrewriteKey(key(start))
            .setPrewriteValue(ByteString.copyFrom(value))
            .build());
  }

  static ByteBuffer prewriteWithoutStart(long commit) {
    return bytes(binlog(BinlogType.Prewrite, 0, commit).setPrewriteKey(key(commit)).build());
  }

  static ByteBuffer prewriteDdl(long start, String query, long jobId, int state) {
    return bytes(
        binlog(BinlogType.Prewrite, start, 0)
            .setPrewriteKey(key(start))
            .setDdlQuery(ByteString.copyFromUtf8(query))
            .setDdlJobId(jobId)
            .setDdlSchemaState(state)
            .build());
  }

  static ByteBuffer commit(long start, long commit) {
    return bytes(binlog(BinlogType.Commit, start, commit).setPrewriteKey(key(start)).build());
  }

  static ByteBuffer rollback(long start) {
    return bytes(binlog(BinlogType.Rollback, start, 0).setPrewriteKey(key(start)).build());
  }

  static ByteBuffer fake(long ts) {
    return bytes(binlog(BinlogType.Rollback, ts, ts).build());
  }

  static Binlog delivered(long start, long commit, byte[] value) {
    return binlog(BinlogType.Commit, start, commit)
        .setPrewriteKey(key(start))
        .setPrewriteValue(ByteString.copyFrom(value))
        .build();
  }

  static Binlog.Builder binlog(BinlogType type, long start, long commit) {
    return Binlog.newBuilder()
        .setTp(type)
        .setStartTs(start)
        .setCommitTs(commit)
        .setDdlJobId(0)
        .setDdlSchemaState(0);
  }

  static ByteString key(long start) {
    return ByteString.copyFrom(("key-" + start).getBytes(UTF_8));
  }

  static ByteBuffer bytes(Binlog binlog) {
    return ByteBuffer.wrap(binlog.toByteArray());
  }

  static Binlog parse(PullRecord record) {
    try {
      return Binlog.parseFrom(record.payload());
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
