package org.tidbbinlog.pump.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Tso;

/**
 * {@link StoreState} as a small text file, replaced as a whole: written aside, forced, renamed, the
 * folder forced. The last line is the CRC-32C of all lines before it; a file that does not check is
 * as none.
 */
final class StateFile {
  static final String NAME = "storage.state";
  private static final String TEMPORARY = "storage.state.new";
  private static final int VERSION = 1;
  private static final String FIRST_WORDS = "pump storage state v";
  private static final String FIRST_LINE = FIRST_WORDS + VERSION;
  private static final Logger LOG = LoggerFactory.getLogger(StateFile.class);

  private final Disk disk;

  StateFile(Disk disk) {
    this.disk = disk;
  }

  void save(StoreState state) throws IOException {
    StringBuilder text = new StringBuilder(FIRST_LINE).append('\n');
    line(text, "gc-ts", Long.toUnsignedString(state.gcTs()));
    line(text, "max-commit-ts", Long.toUnsignedString(state.maxCommitTs()));
    line(text, "replay-from", Long.toString(state.replayFrom()));
    line(text, "verified-to", Long.toString(state.verifiedTo()));
    line(text, "verified-max-ts", Long.toUnsignedString(state.verifiedMaxTs()));
    line(text, "order-id", Long.toUnsignedString(state.orderId()));
    line(text, "order-first", Long.toString(state.orderFirst()));
    line(text, "order-end", Long.toString(state.orderEnd()));
    line(text, "own-from", Long.toString(state.ownFrom()));
    for (DamagedStretch damage : state.damages()) {
      line(text, "damage", words(damage));
    }
    for (StoreState.Segment segment : state.segments()) {
      line(
          text,
          "segment",
          segment.id()
              + " "
              + Integer.toUnsignedString(segment.fingerprint())
              + " "
              + Long.toUnsignedString(segment.neededUntil()));
    }
    byte[] body = text.toString().getBytes(UTF_8);
    String crc = "crc32c " + Integer.toHexString(Frame.crc(ByteBuffer.wrap(body))) + "\n";
    try (Disk.DiskFile file = disk.openOrCreate(TEMPORARY)) {
      file.truncate(0);
      file.write(ByteBuffer.wrap((text + crc).getBytes(UTF_8)), 0);
      file.force();
    }
    disk.rename(TEMPORARY, NAME);
    disk.forceFolder("");
  }

  private static String words(DamagedStretch damage) {
    return String.join(
        " ",
        Integer.toString(damage.segment()),
        Long.toString(damage.offset()),
        Long.toString(damage.bytes()),
        damage.kind().name(),
        Long.toUnsignedString(damage.after().value()),
        Long.toUnsignedString(damage.upTo().value()));
  }

  private static DamagedStretch damage(String[] words) {
    return new DamagedStretch(
        Integer.parseInt(words[1]),
        Long.parseLong(words[2]),
        Long.parseLong(words[3]),
        DamagedStretch.Kind.valueOf(words[4]),
        new Tso(Long.parseUnsignedLong(words[5])),
        new Tso(Long.parseUnsignedLong(words[6])));
  }

  private static void line(StringBuilder text, String key, String value) {
    text.append(key).append(' ').append(value).append('\n');
  }

  Optional<StoreState> load() throws IOException {
    if (!disk.exists(NAME)) {
      return Optional.empty();
    }
    String text;
    try (Disk.DiskFile file = disk.openExisting(NAME)) {
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.size()));
      file.read(bytes, 0);
      text = new String(bytes.array(), 0, bytes.position(), UTF_8);
    }
    try {
      return Optional.of(parse(text));
    } catch (IllegalArgumentException e) {
      LOG.atWarn()
          .addKeyValue("file", NAME)
          .addKeyValue("reason", String.valueOf(e.getMessage()))
          .log("state file unreadable, recovering from the value log");
      return Optional.empty();
    }
  }

  private StoreState parse(String text) {
    int crcLine = text.lastIndexOf("crc32c ");
    if (!text.startsWith(FIRST_WORDS) || crcLine < 0) {
      throw new IllegalArgumentException("no saved state");
    }
    byte[] body = text.substring(0, crcLine).getBytes(UTF_8);
    String expected = "crc32c " + Integer.toHexString(Frame.crc(ByteBuffer.wrap(body))) + "\n";
    if (!text.substring(crcLine).equals(expected)) {
      throw new IllegalArgumentException("checksum does not match");
    }
    requireKnown(text);
    Map<String, String> values = new HashMap<>();
    List<StoreState.Segment> segments = new ArrayList<>();
    List<DamagedStretch> damages = new ArrayList<>();
    for (String line : text.substring(FIRST_LINE.length() + 1, crcLine).split("\n", -1)) {
      String[] words = line.split(" ", -1);
      if (words[0].equals("segment") && words.length == 4) {
        segments.add(
            new StoreState.Segment(
                Integer.parseInt(words[1]),
                Integer.parseUnsignedInt(words[2]),
                Long.parseUnsignedLong(words[3])));
      } else if (words[0].equals("damage") && words.length == 7) {
        damages.add(damage(words));
      } else if (words.length == 2) {
        values.put(words[0], words[1]);
      }
    }
    return new StoreState(
        number(values, "gc-ts"),
        number(values, "max-commit-ts"),
        number(values, "replay-from"),
        number(values, "verified-to"),
        number(values, "verified-max-ts"),
        number(values, "order-id"),
        number(values, "order-first"),
        number(values, "order-end"),
        Long.parseLong(values.getOrDefault("own-from", "-1")),
        damages,
        segments);
  }

  /** A sound file of a newer version must not be taken for none: it knows what was collected. */
  private void requireKnown(String text) {
    String version = text.substring(FIRST_WORDS.length(), text.indexOf('\n'));
    if (!version.equals(String.valueOf(VERSION))) {
      throw DirectoryFormat.newer(disk, NAME, Integer.parseInt(version), VERSION);
    }
  }

  private static long number(Map<String, String> values, String key) {
    String value = values.get(key);
    if (value == null) {
      throw new IllegalArgumentException("no " + key);
    }
    return Long.parseUnsignedLong(value);
  }
}
