package org.tidbbinlog.sinks.relay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Names and frames of the relay log's files. A file is a run of records, the first of them a head:
 *
 * <pre>
 * "relay-" [index, 16 digits] ".log"
 * record: [magic 4] [length 4, big-endian] [CRC-32C of the body 4] [body]
 * body:   [kind 1] and by kind
 *         0 head         cluster id 8, version; from version 2 on: index, commit ts 8 of the last
 *                        item before this file (0: there is none), commit ts 8 behind which this
 *                        file begins: that same item's, or where the run began that made the file
 *         1 table        a table and a list of its columns; it has the next number
 *         2 transaction  start ts 8, commit ts 8, schema version, rows, bytes of the binlog,
 *                        schema version of the rows (older files: none)
 *         3 rows         some rows of the transaction before
 *         4 DDL          commit ts 8, schema version, execution, query, schema, table, job as JSON
 *         5 obstacle     as 4, then why its text cannot be run: kind, words, number of tables,
 *                        schema and table of each
 *         6 forced       index, offset of this record: all before it was forced to disk before this
 *                        was written
 *         7 next         index, offset of this record: the next file is on the disk, nothing
 *                        follows here
 * </pre>
 *
 * A transaction whose rows are not all there is the end of its file: the target was given nothing
 * of it. How files hang together, and which damage is an end: {@link RelayChain}.
 *
 * @param index counts the files
 */
record RelayFile(Path path, long index) implements Comparable<RelayFile> {
  static final int MAGIC = 0x524C5931;
  static final int FRAME_BYTES = 12;
  static final int MAX_BODY_BYTES = 1 << 30;
  static final int VERSION = 2;

  /** Whose heads tell nothing of the other files, and which has no records of kind 6 and 7. */
  static final int UNCHAINED_VERSION = 1;

  static final int HEAD = 0;
  static final int TABLE = 1;
  static final int TRANSACTION = 2;
  static final int ROWS = 3;
  static final int DDL = 4;
  static final int DDL_WITH_OBSTACLE = 5;
  static final int FORCED = 6;
  static final int NEXT = 7;

  private static final Pattern NAME = Pattern.compile("relay-(\\d{16})\\.log");

  static RelayFile in(Path folder, long index) {
    return new RelayFile(folder.resolve(String.format("relay-%016d.log", index)), index);
  }

  /** The files of a folder in order. */
  static List<RelayFile> list(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> paths = Files.list(folder)) {
      return paths.flatMap(path -> of(path).stream()).sorted().toList();
    }
  }

  private static Optional<RelayFile> of(Path path) {
    Matcher matcher = NAME.matcher(String.valueOf(path.getFileName()));
    return matcher.matches()
        ? Optional.of(new RelayFile(path, Long.parseLong(matcher.group(1))))
        : Optional.empty();
  }

  @Override
  public int compareTo(RelayFile other) {
    return Long.compare(index, other.index);
  }
}
