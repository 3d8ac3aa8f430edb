package org.tidbbinlog.sinks.relay;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.tidbbinlog.codec.bytes.ByteWriter;
import org.tidbbinlog.codec.ddl.DdlJobJson;
import org.tidbbinlog.drainer.sink.Obstacle;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.RowImage;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.node.process.DurableFile;

/**
 * Appends to one file of the relay log, in pieces that fit in memory. What is appended after a
 * force begins with a record that says so: damage before one is no torn end. One thread.
 */
final class RelayWriter implements AutoCloseable {
  private static final int PIECE_BYTES = 256 << 10;

  private final FileChannel channel;
  private final RelayTables tables = new RelayTables();
  private final ByteWriter body = new ByteWriter();
  private final RelayFile file;
  private long sizeBytes;
  private Behind behind = Behind.FORCED;

  /** What of the file is behind the next record. */
  private enum Behind {
    /** All is on the disk, and nothing says so yet. */
    FORCED,
    /** Something may be on its way, or the last record says that all is there. */
    OTHER
  }

  private RelayWriter(RelayFile file, FileChannel channel, long sizeBytes) {
    this.file = file;
    this.channel = channel;
    this.sizeBytes = sizeBytes;
  }

  /** Makes the file; its name and its head are on the disk when this returns. */
  static RelayWriter create(RelayFile file, RelayHead head) throws IOException {
    RelayWriter writer =
        new RelayWriter(
            file,
            FileChannel.open(file.path(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            0);
    try {
      writer.write(
          writer
              .begin(RelayFile.HEAD)
              .be64(head.clusterId())
              .uvarint(RelayFile.VERSION)
              .uvarint(file.index())
              .be64(head.previousLast().value())
              .be64(head.after().value()));
      writer.force();
      DurableFile.forceFolder(file.path());
    } catch (IOException e) {
      writer.close();
      throw e;
    }
    return writer;
  }

  /** What an earlier life wrote may be in the page cache alone. */
  static void force(RelayFile file) throws IOException {
    try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** Says in a file that the next one is on the disk; what was cut off at the end is taken away. */
  static void end(RelayFile file, long endOffset) throws IOException {
    try (RelayWriter writer =
        new RelayWriter(file, FileChannel.open(file.path(), StandardOpenOption.WRITE), endOffset)) {
      writer.channel.truncate(endOffset).position(endOffset);
      writer.write(writer.place(RelayFile.NEXT));
      writer.channel.force(true);
    }
  }

  /** Whether a record says that it is at this place; its kind is not looked at. */
  static boolean isPlace(byte[] body, long index, long offset) {
    byte[] place = new ByteWriter().u8(body[0]).uvarint(index).uvarint(offset).toBytes();
    return Arrays.equals(body, place);
  }

  private ByteWriter place(int kind) {
    return begin(kind).uvarint(file.index()).uvarint(sizeBytes);
  }

  long sizeBytes() {
    return sizeBytes;
  }

  void add(SinkItem.Transaction item) throws IOException {
    noteForced();
    write(
        begin(RelayFile.TRANSACTION)
            .be64(item.startTs().value())
            .be64(item.commitTs().value())
            .uvarint(item.schemaVersion())
            .uvarint(item.rows().count())
            .uvarint(item.rows().sizeBytes())
            .uvarint(item.rows().schemaVersion()));
    ByteWriter piece = new ByteWriter();
    for (RowChange row : item.rows()) {
      int shape = shape(row, piece);
      RowCodec.write(row, shape, piece);
      if (piece.size() >= PIECE_BYTES) {
        flush(piece);
      }
    }
    flush(piece);
  }

  /** The rows before a new shape are written before it. */
  private int shape(RowChange row, ByteWriter piece) throws IOException {
    RowImage image = RowCodec.image(row);
    int known = tables.number(row.table(), image);
    if (known >= 0) {
      return known;
    }
    flush(piece);
    ByteWriter out = begin(RelayFile.TABLE);
    int number = tables.add(row.table(), image, out);
    write(out);
    return number;
  }

  private void flush(ByteWriter piece) throws IOException {
    if (piece.size() > 0) {
      write(begin(RelayFile.ROWS).bytes(piece));
      piece.reset();
    }
  }

  void add(SinkItem.Ddl item) throws IOException {
    noteForced();
    ByteWriter out =
        begin(item.obstacle().isNone() ? RelayFile.DDL : RelayFile.DDL_WITH_OBSTACLE)
            .be64(item.commitTs().value())
            .uvarint(item.schemaVersion())
            .u8(item.execution() == SinkItem.Execution.EXECUTE ? 1 : 0);
    ValueCodec.text(item.query(), out);
    ValueCodec.text(item.schema(), out);
    ValueCodec.text(item.table(), out);
    ValueCodec.bytes(DdlJobJson.write(item.job()), out);
    if (!item.obstacle().isNone()) {
      add(item.obstacle(), out);
    }
    write(out);
  }

  private static void add(Obstacle obstacle, ByteWriter out) {
    ValueCodec.text(obstacle.kind().name(), out);
    ValueCodec.text(obstacle.why(), out);
    out.uvarint(obstacle.tables().size());
    for (Obstacle.Table table : obstacle.tables()) {
      ValueCodec.text(table.schema(), out);
      ValueCodec.text(table.table(), out);
    }
  }

  private void noteForced() throws IOException {
    if (behind == Behind.FORCED) {
      write(place(RelayFile.FORCED));
      behind = Behind.OTHER;
    }
  }

  private ByteWriter begin(int kind) {
    body.reset();
    return body.u8(kind);
  }

  private void write(ByteWriter out) throws IOException {
    byte[] bytes = out.toBytes();
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    ByteBuffer frame = ByteBuffer.allocate(RelayFile.FRAME_BYTES + bytes.length);
    frame.putInt(RelayFile.MAGIC).putInt(bytes.length).putInt((int) crc.getValue()).put(bytes);
    frame.flip();
    while (frame.hasRemaining()) {
      sizeBytes += channel.write(frame);
    }
  }

  void force() throws IOException {
    channel.force(false);
    behind = Behind.FORCED;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
