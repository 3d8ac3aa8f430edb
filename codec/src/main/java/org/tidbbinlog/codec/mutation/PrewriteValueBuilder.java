package org.tidbbinlog.codec.mutation;

import java.util.LinkedHashMap;
import java.util.Map;
import org.tidbbinlog.codec.bytes.ByteWriter;
import org.tidbbinlog.codec.bytes.ProtoFields;

/**
 * Writes a PrewriteValue byte for byte as TiDB does: one mutation a table, in the order tables
 * first appear; the two numbers always, also when zero. Source: mutations section 1.
 */
public final class PrewriteValueBuilder {
  private final long schemaVersion;
  private final Map<Long, Table> tables = new LinkedHashMap<>();

  public PrewriteValueBuilder(long schemaVersion) {
    this.schemaVersion = schemaVersion;
  }

  public PrewriteValueBuilder insert(long tableId, byte[] row) {
    return add(tableId, MutationKind.INSERT, row);
  }

  public PrewriteValueBuilder update(long tableId, byte[] row) {
    return add(tableId, MutationKind.UPDATE, row);
  }

  public PrewriteValueBuilder delete(long tableId, byte[] row) {
    return add(tableId, MutationKind.DELETE, row);
  }

  public PrewriteValueBuilder add(long tableId, MutationKind kind, byte[] row) {
    tables.computeIfAbsent(tableId, id -> new Table()).add(kind, row);
    return this;
  }

  /** Names a table, even if no row of it follows. */
  public PrewriteValueBuilder table(long tableId) {
    tables.computeIfAbsent(tableId, id -> new Table());
    return this;
  }

  public boolean isEmpty() {
    return tables.isEmpty();
  }

  public byte[] toBytes() {
    ByteWriter out = new ByteWriter();
    tag(out, MutationFields.SCHEMA_VERSION, ProtoFields.VARINT).uvarint(schemaVersion);
    tables.forEach(
        (tableId, table) -> {
          ByteWriter id = tag(new ByteWriter(), MutationFields.TABLE_ID, ProtoFields.VARINT);
          id.uvarint(tableId);
          tag(out, MutationFields.MUTATIONS, ProtoFields.BYTES).uvarint(id.size() + table.size());
          out.bytes(id);
          table.writeTo(out);
        });
    return out.toBytes();
  }

  private static ByteWriter tag(ByteWriter out, int field, int wireType) {
    return out.u8(field << 3 | wireType);
  }

  /** The lists of one table, encoded as they grow. */
  private static final class Table {
    private final ByteWriter inserted = new ByteWriter();
    private final ByteWriter updated = new ByteWriter();
    private final ByteWriter deleted = new ByteWriter();
    private final ByteWriter sequence = new ByteWriter();

    void add(MutationKind kind, byte[] row) {
      switch (kind) {
        case INSERT -> append(inserted, MutationFields.INSERTED_ROWS, row);
        case UPDATE -> append(updated, MutationFields.UPDATED_ROWS, row);
        case DELETE -> append(deleted, MutationFields.DELETED_ROWS, row);
      }
      tag(sequence, MutationFields.SEQUENCE, ProtoFields.VARINT).uvarint(kind.number());
    }

    private static void append(ByteWriter list, int field, byte[] row) {
      tag(list, field, ProtoFields.BYTES).uvarint(row.length).bytes(row);
    }

    int size() {
      return inserted.size() + updated.size() + deleted.size() + sequence.size();
    }

    void writeTo(ByteWriter out) {
      out.bytes(inserted).bytes(updated).bytes(deleted).bytes(sequence);
    }
  }
}
