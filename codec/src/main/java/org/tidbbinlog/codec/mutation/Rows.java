package org.tidbbinlog.codec.mutation;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.bytes.ProtoFields;

/** The rows of one table: the sequence and one walk a row list, side by side. */
final class Rows implements Iterator<RowMutation> {
  private final Sequence sequence;
  private final ProtoFields inserted;
  private final ProtoFields updated;
  private final ProtoFields deleted;
  private int left;

  Rows(ByteCursor message, int rowCount) {
    this.sequence = new Sequence(message);
    this.inserted = TableMutation.fields(message);
    this.updated = TableMutation.fields(message);
    this.deleted = TableMutation.fields(message);
    this.left = rowCount;
  }

  @Override
  public boolean hasNext() {
    return left > 0;
  }

  @Override
  public RowMutation next() {
    if (left == 0) {
      throw new NoSuchElementException();
    }
    left--;
    MutationKind kind = sequence.next();
    ByteBuffer row =
        switch (kind) {
          case INSERT -> nextRow(inserted, MutationFields.INSERTED_ROWS);
          case UPDATE -> nextRow(updated, MutationFields.UPDATED_ROWS);
          case DELETE -> nextRow(deleted, MutationFields.DELETED_ROWS);
        };
    return new RowMutation(kind, row);
  }

  private static ByteBuffer nextRow(ProtoFields fields, int list) {
    while (fields.next()) {
      if (fields.number() == list) {
        return fields.bytes();
      }
      fields.skip();
    }
    throw new DecodeException("a row list ends early", fields.offset());
  }
}
