package org.tidbbinlog.codec.binlog;

import java.nio.ByteBuffer;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.bytes.ProtoFields;

/**
 * The scalars of a binlog, read without touching its value: what a Pump needs of each write. The
 * whole message is walked, so a header that can be peeked belongs to a binlog that can be decoded.
 */
public record BinlogHeader(BinlogKind kind, Tso startTs, Tso commitTs, long ddlJobId) {

  /** The buffer's position stays. */
  public static BinlogHeader peek(ByteBuffer encoded) {
    ProtoFields fields = new ProtoFields(encoded, BinlogFields.MESSAGE);
    BinlogKind kind = BinlogKind.PREWRITE;
    long startTs = 0;
    long commitTs = 0;
    long jobId = 0;
    while (fields.next()) {
      switch (fields.number()) {
        case BinlogFields.TP -> kind = BinlogKind.of((int) fields.varint());
        case BinlogFields.START_TS -> startTs = fields.varint();
        case BinlogFields.COMMIT_TS -> commitTs = fields.varint();
        case BinlogFields.DDL_JOB_ID -> jobId = fields.varint();
        case BinlogFields.PREWRITE_KEY, BinlogFields.PREWRITE_VALUE, BinlogFields.DDL_QUERY ->
            fields.bytes();
        case BinlogFields.DDL_SCHEMA_STATE -> fields.varint();
        default -> fields.skip();
      }
    }
    return new BinlogHeader(kind, new Tso(startTs), new Tso(commitTs), jobId);
  }

  /** No data, only progress: start and commit timestamp are equal and not zero. */
  public boolean isFake() {
    return startTs.equals(commitTs) && !startTs.isZero();
  }

  public boolean isDdl() {
    return ddlJobId > 0;
  }

  /** An empty probe: neither timestamp is set. */
  public boolean isProbe() {
    return startTs.isZero() && commitTs.isZero();
  }
}
