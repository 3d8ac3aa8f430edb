package org.tidbbinlog.codec.binlog;

import java.nio.ByteBuffer;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.bytes.ByteWriter;
import org.tidbbinlog.codec.bytes.ProtoFields;

/** Encodes a {@link Binlog} byte for byte as the original does. */
final class BinlogWriter {
  private BinlogWriter() {}

  static int encodedSize(Binlog binlog) {
    return head(binlog).size() + binlog.prewriteValue().size() + tail(binlog).size();
  }

  static ByteBuffer[] parts(Binlog binlog) {
    return new ByteBuffer[] {
      ByteBuffer.wrap(head(binlog).toBytes()),
      binlog.prewriteValue().buffer(),
      ByteBuffer.wrap(tail(binlog).toBytes())
    };
  }

  private static ByteWriter head(Binlog binlog) {
    ByteWriter out = new ByteWriter(48 + binlog.prewriteKey().size());
    if (binlog.kind() == BinlogKind.UNKNOWN) {
      out.bytes(leadingKind(binlog));
    } else {
      number(out, BinlogFields.TP, binlog.kind().ordinal());
    }
    number(out, BinlogFields.START_TS, binlog.startTs().value());
    number(out, BinlogFields.COMMIT_TS, binlog.commitTs().value());
    bytes(out, BinlogFields.PREWRITE_KEY, binlog.prewriteKey());
    if (binlog.prewriteValue().isPresent()) {
      tag(out, BinlogFields.PREWRITE_VALUE, ProtoFields.BYTES);
      out.uvarint(binlog.prewriteValue().size());
    }
    return out;
  }

  private static ByteWriter tail(Binlog binlog) {
    ByteWriter out = new ByteWriter(48 + binlog.ddlQuery().size() + binlog.unknownFields().size());
    bytes(out, BinlogFields.DDL_QUERY, binlog.ddlQuery());
    number(out, BinlogFields.DDL_JOB_ID, binlog.ddlJobId());
    number(out, BinlogFields.DDL_SCHEMA_STATE, binlog.ddlSchemaState());
    ByteBuffer unknown = binlog.unknownFields().buffer();
    if (binlog.kind() == BinlogKind.UNKNOWN) {
      unknown.position(leadingKind(binlog).remaining());
    }
    return out.bytes(unknown);
  }

  /** The kind field at the head of the unknown fields of a record of unknown kind. */
  private static ByteBuffer leadingKind(Binlog binlog) {
    ByteBuffer unknown = binlog.unknownFields().buffer();
    ProtoFields fields = new ProtoFields(unknown, BinlogFields.MESSAGE);
    if (!fields.next() || fields.number() != BinlogFields.TP) {
      throw new IllegalStateException("a binlog of unknown kind must keep its number");
    }
    fields.skip();
    return unknown.slice(0, fields.offset());
  }

  private static void number(ByteWriter out, int field, long value) {
    tag(out, field, ProtoFields.VARINT);
    out.uvarint(value);
  }

  private static void bytes(ByteWriter out, int field, Payload value) {
    if (value.isPresent()) {
      tag(out, field, ProtoFields.BYTES);
      out.uvarint(value.size()).bytes(value.buffer());
    }
  }

  private static void tag(ByteWriter out, int field, int wireType) {
    out.u8(field << 3 | wireType);
  }
}
