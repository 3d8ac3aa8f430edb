package org.tidbbinlog.pump.server;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TextFormat;
import java.nio.ByteBuffer;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.cluster.txn.KeyVersions;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.wire.payload.PrewriteValue;

/**
 * A stored record for human eyes: protobuf text on one line, long values cut; then its mutations,
 * and what TiKV holds of its primary key. Source: pump section 13.
 */
final class BinlogText {
  private static final int MAX_SHOWN_BYTES = 1 << 20;

  private BinlogText() {}

  static String of(ByteBuffer encoded, KeyVersions versions) throws InterruptedException {
    Binlog binlog = Binlog.decode(encoded);
    StringBuilder out = new StringBuilder();
    out.append("tp:").append(kindName(binlog));
    out.append(" start_ts:").append(binlog.startTs().value());
    out.append(" commit_ts:").append(binlog.commitTs().value());
    field(out, "prewrite_key", binlog.prewriteKey());
    field(out, "prewrite_value", binlog.prewriteValue());
    field(out, "ddl_query", binlog.ddlQuery());
    out.append(" ddl_job_id:").append(binlog.ddlJobId());
    out.append(" ddl_schema_state:").append(binlog.ddlSchemaState()).append(" \n");
    if (!binlog.prewriteValue().isEmpty()) {
      out.append("\n\n PrewriteValue: \n").append(mutations(binlog.prewriteValue())).append('\n');
    }
    if (!binlog.prewriteKey().isEmpty()) {
      out.append("\n\n GetMvccByEncodedKey: \n")
          .append(versionsOf(binlog.prewriteKey(), versions))
          .append('\n');
    }
    return out.toString();
  }

  private static String versionsOf(Payload key, KeyVersions versions) throws InterruptedException {
    try {
      return versions.textOf(key.toBytes());
    } catch (RetryableException | OperatorException e) {
      return "(TiKV was not asked with success: " + e.getMessage() + ")";
    }
  }

  private static String kindName(Binlog binlog) {
    return switch (binlog.kind()) {
      case PREWRITE -> "Prewrite";
      case COMMIT -> "Commit";
      case ROLLBACK -> "Rollback";
      case PRE_DDL -> "PreDDL";
      case POST_DDL -> "PostDDL";
      case UNKNOWN -> "Unknown";
    };
  }

  private static void field(StringBuilder out, String name, Payload value) {
    if (value.isPresent()) {
      byte[] shown = new byte[Math.min(value.size(), MAX_SHOWN_BYTES)];
      value.buffer().get(shown);
      out.append(' ').append(name).append(":\"").append(TextFormat.escapeBytes(shown)).append('"');
      if (shown.length < value.size()) {
        out.append("(cut, ").append(value.size()).append(" bytes)");
      }
    }
  }

  private static String mutations(Payload value) {
    if (value.size() > MAX_SHOWN_BYTES) {
      return "(" + value.size() + " bytes, too long to show)";
    }
    try {
      return TextFormat.printer()
          .emittingSingleLine(true)
          .printToString(PrewriteValue.parseFrom(value.buffer()));
    } catch (InvalidProtocolBufferException e) {
      return "(not a PrewriteValue: " + e.getMessage() + ")";
    }
  }
}
