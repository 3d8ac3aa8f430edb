package org.tidbbinlog.codec.row;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.tidbbinlog.codec.bytes.ByteWriter;

/**
 * What stands for a string in a key when TiDB's new collations are on: enough of it to write test
 * data. Binary collations cut trailing blanks; {@code _general_ci} is known for ASCII only. Source:
 * row-format sections 4 and 8.
 */
final class SortKeys {
  private SortKeys() {}

  static byte[] of(String collate, byte[] utf8) {
    if (collate.equals("binary")) {
      return utf8;
    }
    byte[] trimmed = withoutTrailingBlanks(utf8);
    if (collate.endsWith("_bin")) {
      return trimmed;
    }
    if (collate.endsWith("_general_ci")) {
      return generalCi(trimmed);
    }
    throw new IllegalArgumentException("no sort keys for collation " + collate);
  }

  private static byte[] withoutTrailingBlanks(byte[] utf8) {
    int end = utf8.length;
    while (end > 0 && utf8[end - 1] == ' ') {
      end--;
    }
    return Arrays.copyOf(utf8, end);
  }

  private static byte[] generalCi(byte[] utf8) {
    ByteWriter out = new ByteWriter(2 * utf8.length);
    String upper = new String(utf8, StandardCharsets.UTF_8).toUpperCase(Locale.ROOT);
    for (int i = 0; i < upper.length(); i++) {
      char each = upper.charAt(i);
      if (each >= 0x80) {
        throw new IllegalArgumentException("no _general_ci weight for a non-ASCII character");
      }
      out.be(each, 2);
    }
    return out.toBytes();
  }
}
