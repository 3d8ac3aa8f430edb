package org.tidbbinlog.codec.mutation;

import java.util.Iterator;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.bytes.ProtoFields;

/**
 * The changed rows of one table in the order of execution. Made by one walk over the message that
 * counts rows and checks that the sequence names each of them once; rows themselves are read when
 * iterated. Source: mutations sections 1 and 6.
 */
public final class TableMutation implements Iterable<RowMutation> {
  private static final int KINDS = MutationKind.values().length;

  private final ByteCursor message;
  private final long tableId;
  private final int rowCount;

  private TableMutation(ByteCursor message, long tableId, int rowCount) {
    this.message = message;
    this.tableId = tableId;
    this.rowCount = rowCount;
  }

  static TableMutation read(ByteCursor message) {
    ProtoFields fields = fields(message);
    long tableId = 0;
    int[] rows = new int[KINDS];
    int[] named = new int[KINDS];
    while (fields.next()) {
      switch (fields.number()) {
        case MutationFields.TABLE_ID -> tableId = fields.varint();
        case MutationFields.INSERTED_ROWS -> count(fields, rows, MutationKind.INSERT);
        case MutationFields.UPDATED_ROWS -> count(fields, rows, MutationKind.UPDATE);
        case MutationFields.DELETED_ROWS -> count(fields, rows, MutationKind.DELETE);
        case MutationFields.SEQUENCE -> countSequence(fields, named);
        default -> fields.skip();
      }
    }
    int rowCount = 0;
    for (MutationKind kind : MutationKind.values()) {
      int i = kind.ordinal();
      rowCount += rows[i];
      if (rows[i] != named[i]) {
        throw new DecodeException(
            "table %d: %d %s rows but the sequence names %d"
                .formatted(tableId, rows[i], kind, named[i]),
            message.offset());
      }
    }
    return new TableMutation(message, tableId, rowCount);
  }

  private static void count(ProtoFields fields, int[] rows, MutationKind kind) {
    fields.window();
    rows[kind.ordinal()]++;
  }

  private static void countSequence(ProtoFields fields, int[] named) {
    if (!fields.isBytes()) {
      named[Sequence.kind(fields.varint(), fields.offset()).ordinal()]++;
      return;
    }
    ByteCursor packed = fields.window();
    while (packed.hasRemaining()) {
      named[Sequence.kind(packed.protoVarint(), packed.offset()).ordinal()]++;
    }
  }

  static ProtoFields fields(ByteCursor message) {
    return new ProtoFields(message.window(message.remaining()), MutationFields.TABLE_MESSAGE);
  }

  /** The logical table id, also of a partitioned table. */
  public long tableId() {
    return tableId;
  }

  public int rowCount() {
    return rowCount;
  }

  @Override
  public Iterator<RowMutation> iterator() {
    return new Rows(message, rowCount);
  }
}
