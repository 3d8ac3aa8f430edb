package org.tidbbinlog.pump.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tidbbinlog.base.OperatorException;

/**
 * The one line that says how a data directory is to be read, in the file {@value #NAME}. A
 * directory without it is an original Pump's, or older than the line, and read as format 1. What a
 * newer version wrote is refused before anything is touched (I11). Rule:
 * docs/formats/data-directory.md.
 */
final class DirectoryFormat {
  static final String NAME = "format";
  static final int CURRENT = 1;
  private static final String TEMPORARY = "format.new";
  private static final String WORDS = "pump data directory format ";
  private static final Pattern LINE = Pattern.compile(WORDS + "(\\d{1,9})\n?");
  private static final int MOST_BYTES = 256;

  private DirectoryFormat() {}

  /**
   * @throws OperatorException when this version cannot read the directory
   */
  static void require(Disk disk) throws IOException {
    Optional<String> text = head(disk, NAME);
    if (text.isPresent()) {
      Matcher line = LINE.matcher(text.get());
      if (!line.matches()) {
        throw new OperatorException(
            NAME
                + " in "
                + disk.describe()
                + " does not say \""
                + WORDS
                + "N\": is this a Pump's data directory? Put the line back, or give another"
                + " -data-dir");
      }
      int found = Integer.parseInt(line.group(1));
      if (found > CURRENT) {
        throw newer(disk, NAME, found, CURRENT);
      }
    }
  }

  /** As {@link #require}, and leaves the line behind. */
  static void settle(Disk disk) throws IOException {
    require(disk);
    if (disk.exists(NAME)) {
      return;
    }
    try (Disk.DiskFile file = disk.openOrCreate(TEMPORARY)) {
      file.truncate(0);
      file.write(ByteBuffer.wrap((WORDS + CURRENT + "\n").getBytes(UTF_8)), 0);
      file.force();
    }
    disk.rename(TEMPORARY, NAME);
    disk.forceFolder("");
  }

  static OperatorException newer(Disk disk, String file, int found, int known) {
    return new OperatorException(
        file
            + " in "
            + disk.describe()
            + " is of format "
            + Integer.toUnsignedString(found)
            + ", this version reads up to "
            + known
            + ": a newer Pump has used the directory; run that version again, or give this one an"
            + " empty -data-dir. Nothing was changed");
  }

  private static Optional<String> head(Disk disk, String name) throws IOException {
    if (!disk.exists(name)) {
      return Optional.empty();
    }
    try (Disk.DiskFile file = disk.openExisting(name)) {
      ByteBuffer bytes = ByteBuffer.allocate(MOST_BYTES);
      file.read(bytes, 0);
      return Optional.of(new String(bytes.array(), 0, bytes.position(), UTF_8));
    }
  }
}
