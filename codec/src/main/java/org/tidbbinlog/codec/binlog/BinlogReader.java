package org.tidbbinlog.codec.binlog;

import java.nio.ByteBuffer;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.bytes.ByteWriter;
import org.tidbbinlog.codec.bytes.ProtoFields;

/** Decodes one {@link Binlog}: fields in any order, the last one wins, unknown ones are kept. */
final class BinlogReader {
  private int tp;
  private long startTs;
  private long commitTs;
  private Payload prewriteKey = Payload.ABSENT;
  private Payload prewriteValue = Payload.ABSENT;
  private Payload ddlQuery = Payload.ABSENT;
  private long ddlJobId;
  private int ddlSchemaState;
  private final ByteWriter unknown = new ByteWriter(16);

  Binlog read(ByteBuffer encoded) {
    ProtoFields fields = new ProtoFields(encoded, BinlogFields.MESSAGE);
    int fieldStart = 0;
    while (fields.next()) {
      switch (fields.number()) {
        case BinlogFields.TP -> tp = (int) fields.varint();
        case BinlogFields.START_TS -> startTs = fields.varint();
        case BinlogFields.COMMIT_TS -> commitTs = fields.varint();
        case BinlogFields.PREWRITE_KEY -> prewriteKey = Payload.of(fields.bytes());
        case BinlogFields.PREWRITE_VALUE -> prewriteValue = Payload.of(fields.bytes());
        case BinlogFields.DDL_QUERY -> ddlQuery = Payload.of(fields.bytes());
        case BinlogFields.DDL_JOB_ID -> ddlJobId = fields.varint();
        case BinlogFields.DDL_SCHEMA_STATE -> ddlSchemaState = (int) fields.varint();
        default -> {
          fields.skip();
          int start = encoded.position() + fieldStart;
          unknown.bytes(encoded.slice(start, fields.offset() - fieldStart));
        }
      }
      fieldStart = fields.offset();
    }
    return new Binlog(
        BinlogKind.of(tp),
        new Tso(startTs),
        new Tso(commitTs),
        prewriteKey,
        prewriteValue,
        ddlQuery,
        ddlJobId,
        ddlSchemaState,
        unknownFields());
  }

  private Payload unknownFields() {
    if (BinlogKind.of(tp) != BinlogKind.UNKNOWN) {
      return unknown.size() == 0 ? Payload.ABSENT : Payload.of(unknown.toBytes());
    }
    ByteWriter all = new ByteWriter(16 + unknown.size());
    all.u8(BinlogFields.TP << 3).uvarint(tp).bytes(unknown);
    return Payload.of(all.toBytes());
  }
}
