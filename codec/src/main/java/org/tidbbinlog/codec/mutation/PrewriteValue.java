package org.tidbbinlog.codec.mutation;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.bytes.ProtoFields;

/**
 * What a transaction changed, read lazily over its payload: tables and rows are views, so a mapped
 * payload of any size costs a constant amount of heap. Can be walked several times. The order of
 * the tables means nothing; the order of the rows inside one is the order of execution.
 *
 * <p>Source: mutations sections 1 and 6.
 */
public final class PrewriteValue implements Iterable<TableMutation> {
  private final ByteBuffer payload;
  private final long schemaVersion;
  private final int tableCount;

  private PrewriteValue(ByteBuffer payload, long schemaVersion, int tableCount) {
    this.payload = payload;
    this.schemaVersion = schemaVersion;
    this.tableCount = tableCount;
  }

  /**
   * Reads the bytes between position and limit, which must stay as they are; the position stays.
   *
   * @throws DecodeException now when the outermost fields are broken, later from the iterators
   */
  public static PrewriteValue over(ByteBuffer payload) {
    ProtoFields fields = fields(payload);
    long schemaVersion = 0;
    int tables = 0;
    while (fields.next()) {
      switch (fields.number()) {
        case MutationFields.SCHEMA_VERSION -> schemaVersion = fields.varint();
        case MutationFields.MUTATIONS -> {
          fields.window();
          tables++;
        }
        default -> fields.skip();
      }
    }
    return new PrewriteValue(payload, schemaVersion, tables);
  }

  /** Schema version the writer knew when it recorded its first row: a lower bound. */
  public long schemaVersion() {
    return schemaVersion;
  }

  public int tableCount() {
    return tableCount;
  }

  @Override
  public Iterator<TableMutation> iterator() {
    return new Tables(fields(payload), tableCount);
  }

  private static ProtoFields fields(ByteBuffer payload) {
    return new ProtoFields(payload, MutationFields.VALUE_MESSAGE);
  }

  private static final class Tables implements Iterator<TableMutation> {
    private final ProtoFields fields;
    private int left;

    Tables(ProtoFields fields, int left) {
      this.fields = fields;
      this.left = left;
    }

    @Override
    public boolean hasNext() {
      return left > 0;
    }

    @Override
    public TableMutation next() {
      while (left > 0 && fields.next()) {
        if (fields.number() == MutationFields.MUTATIONS) {
          left--;
          ByteCursor table = fields.window();
          return TableMutation.read(table);
        }
        fields.skip();
      }
      throw new NoSuchElementException();
    }
  }
}
