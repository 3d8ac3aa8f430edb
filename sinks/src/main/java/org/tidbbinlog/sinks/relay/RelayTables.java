package org.tidbbinlog.sinks.relay;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.bytes.ByteWriter;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.schema.TableInfoJson;
import org.tidbbinlog.drainer.sink.RowImage;
import org.tidbbinlog.drainer.sink.TableVersion;

/**
 * The tables and lists of columns that the rows of one file speak of, by number. Each is written
 * before the first row that needs it, so that a file is understood without any other. One thread.
 */
final class RelayTables {
  /** A table with the columns of its images. */
  record Shape(TableVersion table, List<ColumnInfo> columns) {}

  private final List<Shape> shapes = new ArrayList<>();

  /** Identity tells versions apart, since rows share them. */
  private final IdentityHashMap<TableVersion, IdentityHashMap<List<ColumnInfo>, Integer>> numbers =
      new IdentityHashMap<>();

  /** Number of the image's shape, or -1 when it must be written first. */
  int number(TableVersion table, RowImage image) {
    IdentityHashMap<List<ColumnInfo>, Integer> ofTable = numbers.get(table);
    Integer known = ofTable == null ? null : ofTable.get(image.columns());
    return known == null ? -1 : known;
  }

  /** Gives the shape the next number and writes what says so. */
  int add(TableVersion table, RowImage image, ByteWriter out) {
    int number = shapes.size();
    shapes.add(new Shape(table, image.columns()));
    numbers.computeIfAbsent(table, version -> new IdentityHashMap<>()).put(image.columns(), number);
    ValueCodec.text(table.schema(), out);
    ValueCodec.text(table.table(), out);
    out.uvarint(table.schemaVersion());
    ValueCodec.bytes(TableInfoJson.write(table.info()), out);
    out.uvarint(image.columns().size());
    image.columns().forEach(column -> out.uvarint(column.id()));
    return number;
  }

  /** Reads what {@link #add} wrote. */
  void read(ByteCursor in) {
    String schema = ValueCodec.text(in);
    String name = ValueCodec.text(in);
    long version = in.uvarint();
    TableInfo info = TableInfoJson.parse(ValueCodec.bytes(in));
    int count = in.requireLength(in.uvarint(), "columns");
    List<ColumnInfo> columns = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long id = in.uvarint();
      columns.add(
          info.columns().stream()
              .filter(column -> column.id() == id)
              .findFirst()
              .orElseThrow(() -> in.fail("no column of id " + id)));
    }
    TableVersion table = shared(new TableVersion(schema, name, info, version));
    shapes.add(new Shape(table, List.copyOf(columns)));
  }

  /** Rows share their version of a table, whichever columns they have of it. */
  private TableVersion shared(TableVersion table) {
    return shapes.stream().map(Shape::table).filter(table::equals).findFirst().orElse(table);
  }

  Shape shape(ByteCursor in) {
    long number = in.uvarint();
    if (number < 0 || number >= shapes.size()) {
      throw in.fail("no table of number " + number);
    }
    return shapes.get((int) number);
  }
}
