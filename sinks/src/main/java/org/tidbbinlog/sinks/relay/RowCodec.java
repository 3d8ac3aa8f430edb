package org.tidbbinlog.sinks.relay;

import java.util.ArrayList;
import java.util.List;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.bytes.ByteWriter;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.RowImage;

/**
 * A row change as the relay log holds it:
 *
 * <pre>
 * [kind: 1 insert, 2 update, 3 delete] [number of its shape] [values] ([values after an update])
 * </pre>
 */
final class RowCodec {
  private RowCodec() {}

  /** The image that tells a change's columns. */
  static RowImage image(RowChange change) {
    return switch (change.kind()) {
      case INSERT -> ((RowChange.Insert) change).after();
      case UPDATE -> ((RowChange.Update) change).before();
      case DELETE -> ((RowChange.Delete) change).before();
    };
  }

  static void write(RowChange change, int shape, ByteWriter out) {
    switch (change.kind()) {
      case INSERT -> values(((RowChange.Insert) change).after(), out.u8(1).uvarint(shape));
      case UPDATE -> {
        RowChange.Update update = (RowChange.Update) change;
        values(update.before(), out.u8(2).uvarint(shape));
        values(update.after(), out);
      }
      case DELETE -> values(((RowChange.Delete) change).before(), out.u8(3).uvarint(shape));
    }
  }

  private static void values(RowImage image, ByteWriter out) {
    image.values().forEach(value -> ValueCodec.write(value, out));
  }

  static RowChange read(ByteCursor in, RelayTables tables) {
    int kind = in.u8();
    RelayTables.Shape shape = tables.shape(in);
    RowImage image = values(in, shape);
    return switch (kind) {
      case 1 -> new RowChange.Insert(shape.table(), image);
      case 2 -> new RowChange.Update(shape.table(), image, values(in, shape));
      case 3 -> new RowChange.Delete(shape.table(), image);
      default -> throw in.fail("unknown kind of change " + kind);
    };
  }

  private static RowImage values(ByteCursor in, RelayTables.Shape shape) {
    List<ColumnValue> values = new ArrayList<>(shape.columns().size());
    for (int i = 0; i < shape.columns().size(); i++) {
      values.add(ValueCodec.read(in));
    }
    return new RowImage(shape.columns(), values);
  }
}
