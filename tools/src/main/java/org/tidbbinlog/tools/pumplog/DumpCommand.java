package org.tidbbinlog.tools.pumplog;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.pump.storage.LogInspection;
import org.tidbbinlog.pump.storage.StoredRecord;
import org.tidbbinlog.pump.storage.ValueLogReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pump-log dump}: a line a record, in log order. */
@Command(
    name = "dump",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = {
      "Prints the records in the order in which they were acknowledged, separated by tabs: file,"
          + " offset, kind, start ts, commit ts, time, bytes of rows, DDL.",
      "What is damaged is stepped over; the exit code is 1 then."
    })
final class DumpCommand implements Callable<Integer> {
  private static final int MOST_HEX_BYTES = 1 << 20;

  @Parameters(paramLabel = "DIR", description = "what a Pump's -data-dir names")
  private Path dir = Path.of("");

  @Option(names = "--from", paramLabel = "TS", description = "only records at or above (default 0)")
  private long from;

  @Option(names = "--to", paramLabel = "TS", description = "only records at or below")
  private long to = Long.MAX_VALUE;

  @Option(names = "--limit", paramLabel = "N", description = "stop after N lines")
  private long limit = Long.MAX_VALUE;

  @Option(names = "--heartbeats", description = "the Pump's own heartbeats too")
  private boolean heartbeats;

  @Option(names = "--values", description = "the rows as they lie there, in hex (up to 1 MiB)")
  private boolean values;

  @Override
  public Integer call() {
    return run(System.out, System.err);
  }

  int run(PrintStream out, PrintStream err) {
    try {
      LogInspection.open(dir); // says what is wrong with the directory as a whole
      ValueLogReader reader = ValueLogReader.open(dir);
      long lines = 0;
      boolean readable = true;
      Optional<StoredRecord> record = reader.next();
      while (record.isPresent() && lines < limit) {
        try {
          lines += show(out, record.get()) ? 1 : 0;
        } catch (DecodeException e) {
          readable = false;
          err.printf(
              "pump-log: %s at %d is no Binlog: %s%n",
              record.get().file(), record.get().offset(), e.getMessage());
        }
        record = reader.next();
      }
      if (reader.skippedBytes() > 0) {
        err.printf(
            "pump-log: %d bytes are no records: `pump-log verify` says where%n",
            reader.skippedBytes());
      }
      out.flush();
      return readable && reader.skippedBytes() == 0 ? 0 : 1;
    } catch (IOException e) {
      throw new OperatorException("read " + dir + ": " + e, e);
    }
  }

  private boolean show(PrintStream out, StoredRecord record) {
    Binlog binlog = Binlog.decode(record.payload());
    Tso ts = binlog.commitTs().isZero() ? binlog.startTs() : binlog.commitTs();
    boolean wanted =
        !ts.isBefore(new Tso(from)) && !ts.isAfter(new Tso(to)) && (heartbeats || !binlog.isFake());
    if (!wanted) {
      return false;
    }
    StringBuilder line = new StringBuilder();
    line.append(record.file()).append('\t').append(record.offset());
    line.append('\t').append(binlog.isFake() ? "HEARTBEAT" : binlog.kind());
    line.append('\t').append(binlog.startTs()).append('\t').append(binlog.commitTs());
    line.append('\t').append(ts.instant());
    line.append('\t').append(bytes(binlog.prewriteValue()).remaining());
    line.append('\t').append(oneLine(binlog.ddlQuery()));
    if (values) {
      line.append('\t').append(hex(binlog.prewriteValue()));
    }
    out.println(line);
    return true;
  }

  private static ByteBuffer bytes(Payload payload) {
    return payload.isPresent() ? payload.buffer() : ByteBuffer.allocate(0);
  }

  private static String oneLine(Payload ddl) {
    return StandardCharsets.UTF_8.decode(bytes(ddl)).toString().replaceAll("\\s+", " ");
  }

  private static String hex(Payload value) {
    ByteBuffer from = bytes(value);
    byte[] bytes = new byte[Math.min(from.remaining(), MOST_HEX_BYTES)];
    from.get(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
