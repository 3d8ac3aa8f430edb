package org.tidbbinlog.sinks.mysql.rows;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.drainer.sink.RowImage;

/**
 * Which row it is, for people: {@code `a`=1 AND `b`='x'}, of the columns that statements find it
 * by; bytes in hex, long values cut.
 */
final class RowName {
  private static final int MOST_CHARS = 400;
  private static final int MOST_VALUE_CHARS = 80;
  private static final int MOST_VALUE_BYTES = 32;
  private static final String CUT = "...";

  private RowName() {}

  static String of(RowShape shape, RowImage image) {
    StringBuilder out = new StringBuilder();
    for (RowShape.KeyShape key : shape.keys()) {
      if (RowSql.isUsable(key, image)) {
        for (int i = 0; i < key.indexes().length; i++) {
          String column = SqlText.name(key.key().parts().get(i).column());
          append(out, column, image.values().get(key.indexes()[i]));
        }
        return cut(out, MOST_CHARS);
      }
    }
    for (int at : shape.compared()) {
      if (out.length() > MOST_CHARS) {
        break;
      }
      append(out, shape.names()[at], image.values().get(shape.written()[at]));
    }
    return cut(out, MOST_CHARS);
  }

  private static void append(StringBuilder out, String quotedColumn, ColumnValue value) {
    out.append(out.isEmpty() ? "" : " AND ").append(quotedColumn);
    if (value.kind() == ColumnValue.Kind.NULL) {
      out.append(" IS NULL");
      return;
    }
    StringBuilder literal = new StringBuilder();
    LiteralWriter.append(literal, shortened(value));
    out.append('=').append(cut(literal, MOST_VALUE_CHARS));
    if (isLong(value)) {
      out.append(CUT);
    }
  }

  /** A text of a mebibyte is not written out to be cut. */
  private static ColumnValue shortened(ColumnValue value) {
    if (!isLong(value)) {
      return value;
    }
    if (value.kind() == ColumnValue.Kind.BINARY) {
      byte[] bytes = ((ColumnValue.Binary) value).bytes();
      return new ColumnValue.Binary(Arrays.copyOf(bytes, MOST_VALUE_BYTES));
    }
    byte[] utf8 = ((ColumnValue.Text) value).utf8();
    int end = MOST_VALUE_BYTES;
    while (end > MOST_VALUE_BYTES - 4 && (utf8[end] & 0xC0) == 0x80) {
      end--;
    }
    return new ColumnValue.Text(
        new String(utf8, 0, end, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8));
  }

  private static boolean isLong(ColumnValue value) {
    return switch (value.kind()) {
      case TEXT -> ((ColumnValue.Text) value).utf8().length > MOST_VALUE_BYTES;
      case BINARY -> ((ColumnValue.Binary) value).bytes().length > MOST_VALUE_BYTES;
      default -> false;
    };
  }

  private static String cut(StringBuilder text, int most) {
    return text.length() <= most ? text.toString() : text.substring(0, most) + CUT;
  }
}
