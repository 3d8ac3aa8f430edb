package org.tidbbinlog.sinks.relay;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
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
 * Reads one file of the relay log up to its end or to the first damage: its items, whose rows stay
 * in the file until they are asked for. {@link RelayChain} tells whether an end there is right.
 */
final class RelayReader {
  private final RelayFile file;
  private final RelayTables tables = new RelayTables();
  private final List<SinkItem> items = new ArrayList<>();
  private RelayHead head = RelayHead.unchained(0);
  private Optional<Rows> open = Optional.empty();
  private Optional<RelayDamage> damage = Optional.empty();
  private long endOffset;
  private boolean followed;

  private RelayReader(RelayFile file) {
    this.file = file;
  }

  /**
   * @throws OperatorException when whole records make no sense, or are another file's
   */
  static RelayReader read(RelayFile file) throws IOException {
    RelayReader reader = new RelayReader(file);
    try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.READ)) {
      reader.read(new RelayFrames(channel));
    } catch (DecodeException e) {
      throw new OperatorException(
          "relay log "
              + file.path()
              + " is damaged behind commit ts "
              + reader.last()
              + ": "
              + e.getMessage()
              + "; "
              + RelayChain.wayOut(file),
          e);
    }
    return reader;
  }

  RelayFile file() {
    return file;
  }

  RelayHead head() {
    return head;
  }

  /** In order; what was cut off at the end is not among them. */
  List<SinkItem> items() {
    return items;
  }

  /** The newest commit timestamp up to here, in this file or, without items, before it. */
  Tso last() {
    return items.isEmpty() ? head.previousLast() : items.get(items.size() - 1).commitTs();
  }

  /** Where whole items end; zero without a head. */
  long endOffset() {
    return endOffset;
  }

  /** The file says that another follows it. */
  boolean isFollowed() {
    return followed;
  }

  /** Where reading ended before the end of the file. */
  Optional<RelayDamage> damage() {
    return damage;
  }

  /** Whole, or damaged as a crash may do it. */
  boolean isAtMostTorn() {
    return damage.stream().allMatch(found -> found.standing() == RelayDamage.Standing.MAYBE_TORN);
  }

  private void read(RelayFrames frames) throws IOException {
    long position = 0;
    RelayFrames.Frame frame = frames.at(position);
    while (frame.fault() == RelayFrames.Fault.NONE) {
      ByteCursor in = frame.cursor();
      int kind = in.u8();
      if ((kind == RelayFile.HEAD) != (position == 0)) {
        throw in.fail("record of kind " + kind + " at offset " + position);
      }
      record(kind, in, position);
      position += frame.sizeBytes();
      if (open.isEmpty()) {
        endOffset = position;
      }
      frame = frames.at(position);
    }
    if (frame.fault() != RelayFrames.Fault.END) {
      damage = Optional.of(RelayDamage.at(frames, file, head, position, frame.fault()));
    } else if (open.isPresent() || endOffset == 0) {
      damage = Optional.of(RelayDamage.cutOff(endOffset));
    }
  }

  private void record(int kind, ByteCursor in, long position) {
    if (kind != RelayFile.ROWS && kind != RelayFile.TABLE && open.isPresent()) {
      throw in.fail("record of kind " + kind + " within transaction " + open.get().commitTs);
    }
    switch (kind) {
      case RelayFile.HEAD -> head(in);
      case RelayFile.TABLE -> tables.read(in);
      case RelayFile.TRANSACTION -> open = Optional.of(transaction(in, position));
      case RelayFile.ROWS -> rows(open.orElseThrow(() -> in.fail("rows of nothing")), in);
      case RelayFile.DDL, RelayFile.DDL_WITH_OBSTACLE -> add(ddl(kind, in), in);
      case RelayFile.FORCED -> {}
      case RelayFile.NEXT -> followed = true;
      default -> throw in.fail("unknown kind of record " + kind);
    }
  }

  private void rows(Rows rows, ByteCursor in) {
    while (in.hasRemaining()) {
      RowChange unused = RowCodec.read(in, tables);
      rows.seen++;
    }
    if (rows.seen == rows.count) {
      open = Optional.empty();
      add(rows.item(), in);
    }
  }

  private void add(SinkItem item, ByteCursor in) {
    if (!items.isEmpty() && !item.commitTs().isAfter(last())) {
      throw in.fail("commit ts " + item.commitTs() + " after " + last());
    }
    items.add(item);
  }

  private void head(ByteCursor in) {
    long clusterId = in.be64();
    long version = in.uvarint();
    if (version == RelayFile.UNCHAINED_VERSION) {
      head = RelayHead.unchained(clusterId);
      return;
    }
    if (version != RelayFile.VERSION) {
      throw in.fail("version " + version + " of the format is not known here");
    }
    long index = in.uvarint();
    head = RelayHead.chained(clusterId, new Tso(in.be64()), new Tso(in.be64()));
    if (index != file.index()) {
      throw in.fail("by its head it is file " + index + ", so it was renamed");
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
        RelayFrames.Frame frame = new RelayFrames(channel).at(position);
        if (frame.body().isEmpty()) {
          throw new IOException("at offset " + position + ": " + frame.fault().text());
        }
        position += frame.sizeBytes();
        ByteCursor in = frame.cursor();
        return in.u8() == RelayFile.ROWS ? in : ByteCursor.over(new byte[0]);
      } catch (IOException e) {
        throw new OperatorException("relay log " + file.path() + " cannot be read: " + e, e);
      }
    }
  }
}
