package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.pump.storage.proof.ProofEntry;
import org.tidbbinlog.pump.storage.proof.ProofHeader;

/**
 * A segment's proof on disk: a {@link ProofHeader}, then {@link ProofEntry} after entry, offsets
 * ascending. Forced only when the segment is sealed; what a crash tears off is made again.
 */
final class ProofFile implements AutoCloseable {
  static final String FOLDER = "proof";
  private static final String ASIDE = ".damaged";
  private static final Pattern NAME = Pattern.compile("(\\d{6,9})\\.proof");

  private final Disk.DiskFile file;
  private long end;

  private ProofFile(Disk.DiskFile file, long end) {
    this.file = file;
    this.end = end;
  }

  static String fileName(int segment) {
    return String.format(Locale.ROOT, FOLDER + "/%06d.proof", segment);
  }

  /** Whether nothing was signed in it yet: being created when process or machine ended. */
  static boolean isBare(Disk disk, int segment) throws IOException {
    try (Disk.DiskFile file = disk.openExisting(fileName(segment))) {
      ByteBuffer header = ByteBuffer.allocate(ProofHeader.BYTES);
      file.read(header, 0);
      boolean isEmpty = Arrays.equals(header.array(), new byte[ProofHeader.BYTES]);
      return isEmpty || file.size() <= ProofHeader.BYTES;
    }
  }

  /** Takes a proof out of use; answers its new name. */
  static String putAside(Disk disk, int segment) throws IOException {
    String aside = fileName(segment) + ASIDE;
    disk.rename(fileName(segment), aside);
    disk.forceFolder(FOLDER);
    return aside;
  }

  /** Names of what was ever put aside. */
  static List<String> putAside(Disk disk) throws IOException {
    return disk.list(FOLDER).stream()
        .filter(name -> name.endsWith(ASIDE))
        .map(name -> FOLDER + "/" + name)
        .toList();
  }

  /** Segments that have a proof, sound or not. */
  static NavigableSet<Integer> segments(Disk disk) throws IOException {
    NavigableSet<Integer> ids = new TreeSet<>();
    for (String name : disk.list(FOLDER)) {
      Matcher matcher = NAME.matcher(name);
      if (matcher.matches()) {
        ids.add(Integer.parseInt(matcher.group(1)));
      }
    }
    return ids;
  }

  /**
   * What a proof says.
   *
   * @param entries up to the first that is torn or out of order
   * @param unreadBytes after those
   */
  record Content(ProofHeader header, List<ProofEntry> entries, long unreadBytes) {
    Content {
      entries = List.copyOf(entries);
    }

    Optional<ProofEntry> last() {
      return entries.isEmpty() ? Optional.empty() : Optional.of(entries.get(entries.size() - 1));
    }

    Optional<ProofEntry> seal() {
      return last().filter(entry -> entry.kind() == ProofEntry.Kind.SEAL);
    }

    /** Up to here records were acknowledged and on disk for good. */
    long forcedTo() {
      return entries.stream()
          .filter(ProofEntry::forced)
          .mapToLong(ProofEntry::endOffset)
          .max()
          .orElse(0);
    }

    Content upTo(long endOffset) {
      return new Content(
          header,
          entries.stream().filter(entry -> entry.endOffset() <= endOffset).toList(),
          unreadBytes);
    }
  }

  /**
   * Empty when there is none, or no more than a torn header.
   *
   * @throws OperatorException when a newer version wrote it
   */
  static Optional<Content> read(Disk disk, int segment) throws IOException {
    if (!disk.exists(fileName(segment))) {
      return Optional.empty();
    }
    ByteBuffer bytes;
    try (Disk.DiskFile file = disk.openExisting(fileName(segment))) {
      bytes = ByteBuffer.allocate(Math.toIntExact(file.size()));
      file.read(bytes, 0);
      bytes.flip();
    }
    Optional<ProofHeader> header = ProofHeader.decode(bytes);
    if (header.isEmpty()) {
      return Optional.empty();
    }
    if (header.get().version() != ProofHeader.VERSION) {
      throw DirectoryFormat.newer(
          disk, fileName(segment), header.get().version(), ProofHeader.VERSION);
    }
    return Optional.of(entries(header.get(), bytes));
  }

  private static Content entries(ProofHeader header, ByteBuffer bytes) {
    List<ProofEntry> entries = new ArrayList<>();
    int at = ProofHeader.BYTES;
    long before = 0;
    Optional<ProofEntry> entry = ProofEntry.decode(bytes, at);
    while (entry.isPresent() && entry.get().endOffset() >= before) {
      entries.add(entry.get());
      before = entry.get().endOffset();
      at += ProofEntry.BYTES;
      entry = ProofEntry.decode(bytes, at);
    }
    return new Content(header, entries, bytes.limit() - at);
  }

  static ProofFile create(Disk disk, ProofHeader header) throws IOException {
    disk.createFolder(FOLDER);
    disk.forceFolder("");
    Disk.DiskFile file = disk.openOrCreate(fileName(header.segment()));
    file.truncate(0);
    file.write(header.encode(), 0);
    return new ProofFile(file, ProofHeader.BYTES);
  }

  /** Goes on after the entries of {@code kept}; what follows them goes. */
  static ProofFile reopen(Disk disk, Content kept) throws IOException {
    Disk.DiskFile file = disk.openOrCreate(fileName(kept.header().segment()));
    long end = ProofHeader.BYTES + (long) kept.entries().size() * ProofEntry.BYTES;
    if (file.size() > end) {
      file.truncate(end);
    }
    return new ProofFile(file, end);
  }

  void append(ProofEntry entry) throws IOException {
    file.write(entry.encode(), end);
    end += ProofEntry.BYTES;
  }

  void force(Disk disk) throws IOException {
    file.force();
    disk.forceFolder(FOLDER);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
