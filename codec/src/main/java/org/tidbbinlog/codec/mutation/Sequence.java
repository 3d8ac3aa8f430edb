package org.tidbbinlog.codec.mutation;

import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.bytes.ProtoFields;

/** Walks the kinds of a table's mutations, packed or not. */
final class Sequence {
  private final ProtoFields fields;
  private ByteCursor packed;

  Sequence(ByteCursor message) {
    this.fields = TableMutation.fields(message);
    this.packed = message.window(0);
  }

  /** Only as often as rows were counted. */
  MutationKind next() {
    while (!packed.hasRemaining()) {
      if (!fields.next()) {
        throw new DecodeException("the sequence ends early", fields.offset());
      }
      if (fields.number() != MutationFields.SEQUENCE) {
        fields.skip();
      } else if (fields.isBytes()) {
        packed = fields.window();
      } else {
        return kind(fields.varint(), fields.offset());
      }
    }
    return kind(packed.protoVarint(), packed.offset());
  }

  static MutationKind kind(long number, int offset) {
    if (number == MutationKind.INSERT.number()) {
      return MutationKind.INSERT;
    }
    if (number == MutationKind.UPDATE.number()) {
      return MutationKind.UPDATE;
    }
    if (number == MutationKind.DELETE.number()) {
      return MutationKind.DELETE;
    }
    throw new DecodeException("unknown mutation type " + number, offset);
  }
}
