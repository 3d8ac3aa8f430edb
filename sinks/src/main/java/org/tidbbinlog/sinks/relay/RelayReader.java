package org.tidbbinlog.sinks.relay;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.ddl.DdlJobJson;
import org.tidbbinlog.drainer.sink.Obstacle;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.drainer.sink.TransactionRows;

/**
 * Reads one file of the relay log: its items, whose rows stay in the file until they are asked for.
 */
final class RelayReader {
  private final RelayFile file;
  private final RelayTables tables = new RelayTables();
  private final List<SinkItem> items = new ArrayList<>();
  private long clusterId;

  private RelayReader(RelayFile file) {
    this.file = file;
  }

  /**
   * @throws OperatorException when the file is damaged elsewhere than at its end
   */
  static RelayReader read(RelayFile file) throws IOException {
    RelayReader reader = new RelayReader(file);
    try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.READ)) {
      reader.read(channel);
    } catch (DecodeException e) {
      throw new OperatorException(
          "relay log " + file.path() + " is damaged: " + e.getMessage() + "; remove it", e);
    }
    return reader;
  }

  long clusterId() {
    return clusterId;
  }

  /** In order; what was cut off at the end is not among them. */
  List<SinkItem> items() {
    return items;
  }

  /** The newest commit timestamp in it; zero when there is none. */
  Tso last() {
    return items.isEmpty() ? Tso.ZERO : items.get(items.size() - 1).commitTs();
  }

  private void read(FileChannel channel) throws IOException {
    long position = 0;
    Optional<Rows> open = Optional.empty();
    for (Optional<byte[]> body = body(channel, position);
        body.isPresent();
        body = body(channel, position)) {
      ByteCursor in = ByteCursor.over(body.get());
      int kind = in.u8();
      switch (kind) {
        case RelayFile.HEAD -> head(in);
        case RelayFile.TABLE -> tables.read(in);
        case RelayFile.TRANSACTION -> open = Optional.of(transaction(in, position));
        case RelayFile.ROWS -> {
          Rows rows = open.orElseThrow(() -> in.fail("rows without a transaction"));
          while (in.hasRemaining()) {
            RowChange unused = RowCodec.read(in, tables);
            rows.seen++;
          }
          if (rows.seen == rows.count) {
            items.add(rows.item());
          }
        }
        case RelayFile.DDL, RelayFile.DDL_WITH_OBSTACLE -> items.add(ddl(kind, in));
        default -> throw in.fail("unknown kind of record " + kind);
      }
      position += RelayFile.FRAME_BYTES + body.get().length;
    }
  }

  private void head(ByteCursor in) {
    clusterId = in.be64();
    long version = in.uvarint();
    if (version != RelayFile.VERSION) {
      throw in.fail("version " + version + " of the format is not known here");
    }
  }

  private Rows transaction(ByteCursor in, long position) {
    return new Rows(
        position,
        new Tso(in.be64()),
        new Tso(in.be64()),
        in.uvarint(),
        (int) in.uvarint(),
        in.uvarint(),
        in.hasRemaining() ? in.uvarint() : 0);
  }

  private static SinkItem.Ddl ddl(int kind, ByteCursor in) {
    Tso commitTs = new Tso(in.be64());
    long version = in.uvarint();
    SinkItem.Execution execution =
        in.u8() == 1 ? SinkItem.Execution.EXECUTE : SinkItem.Execution.FORGET_ONLY;
    String query = ValueCodec.text(in);
    String schema = ValueCodec.text(in);
    String table = ValueCodec.text(in);
    return new SinkItem.Ddl(
        commitTs,
        version,
        DdlJobJson.parse(ValueCodec.bytes(in)),
        query,
        schema,
        table,
        execution,
        kind == RelayFile.DDL ? Obstacle.NONE : obstacle(in),
        new StageTimes());
  }

  private static Obstacle obstacle(ByteCursor in) {
    Obstacle.Kind kind = Obstacle.Kind.valueOf(ValueCodec.text(in));
    String why = ValueCodec.text(in);
    List<Obstacle.Table> tables = new ArrayList<>();
    for (long left = in.uvarint(); left > 0; left--) {
      tables.add(new Obstacle.Table(ValueCodec.text(in), ValueCodec.text(in)));
    }
    return new Obstacle(kind, why, tables);
  }

  /** The record there; empty at the end, also where the last one is cut off. */
  private static Optional<byte[]> body(FileChannel channel, long position) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(RelayFile.FRAME_BYTES);
    if (!isFilled(channel, frame, position)) {
      return Optional.empty();
    }
    boolean ours = frame.getInt(0) == RelayFile.MAGIC;
    int length = frame.getInt(4);
    if (!ours || length <= 0 || length > RelayFile.MAX_BODY_BYTES) {
      return Optional.empty();
    }
    ByteBuffer body = ByteBuffer.allocate(length);
    if (!isFilled(channel, body, position + RelayFile.FRAME_BYTES)) {
      return Optional.empty();
    }
    CRC32C crc = new CRC32C();
    crc.update(body.array());
    return (int) crc.getValue() == frame.getInt(8) ? Optional.of(body.array()) : Optional.empty();
  }

  private static boolean isFilled(FileChannel channel, ByteBuffer buffer, long position)
      throws IOException {
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer, position + buffer.position());
      if (read < 0) {
        return false;
      }
    }
    return true;
  }

  /** A transaction in the file. */
  private final class Rows implements TransactionRows {
    private final long position;
    private final Tso startTs;
    private final Tso commitTs;
    private final long schemaVersion;
    private final int count;
    private final long sizeBytes;
    private final long rowsVersion;
    private int seen;

    Rows(
        long position,
        Tso startTs,
        Tso commitTs,
        long schemaVersion,
        int count,
        long sizeBytes,
        long rowsVersion) {
      this.position = position;
      this.startTs = startTs;
      this.commitTs = commitTs;
      this.schemaVersion = schemaVersion;
      this.count = count;
      this.sizeBytes = sizeBytes;
      this.rowsVersion = rowsVersion;
    }

    SinkItem.Transaction item() {
      return new SinkItem.Transaction(startTs, commitTs, schemaVersion, this, new StageTimes());
    }

    @Override
    public int count() {
      return count;
    }

    @Override
    public long schemaVersion() {
      return rowsVersion;
    }

    @Override
    public long sizeBytes() {
      return sizeBytes;
    }

    @Override
    public Iterator<RowChange> iterator() {
      return new Pieces(position, count);
    }
  }

  /** Reads a piece at a time; the file is open only while it does. */
  private final class Pieces implements Iterator<RowChange> {
    private long position;
    private int left;
    private ByteCursor piece = ByteCursor.over(new byte[0]);

    Pieces(long position, int left) {
      this.position = position;
      this.left = left;
    }

    @Override
    public boolean hasNext() {
      return left > 0;
    }

    @Override
    public RowChange next() {
      if (left == 0) {
        throw new NoSuchElementException();
      }
      while (!piece.hasRemaining()) {
        piece = nextPiece();
      }
      left--;
      return RowCodec.read(piece, tables);
    }

    private ByteCursor nextPiece() {
      try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.READ)) {
        byte[] body = body(channel, position).orElseThrow(NoSuchElementException::new);
        position += RelayFile.FRAME_BYTES + body.length;
        ByteCursor in = ByteCursor.over(body);
        return in.u8() == RelayFile.ROWS ? in : ByteCursor.over(new byte[0]);
      } catch (IOException e) {
        throw new OperatorException("relay log " + file.path() + " cannot be read: " + e, e);
      }
    }
  }
}
