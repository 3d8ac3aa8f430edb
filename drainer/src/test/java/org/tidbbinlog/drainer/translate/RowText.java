package org.tidbbinlog.drainer.translate;

import java.util.HexFormat;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.RowImage;

/** Row changes as text, with the bytes of byte values. */
final class RowText {
  private RowText() {}

  static String of(RowChange row) {
    String table = row.table().schema() + "." + row.table().table() + " ";
    if (row instanceof RowChange.Insert insert) {
      return "insert " + table + image(insert.after());
    }
    if (row instanceof RowChange.Delete delete) {
      return "delete " + table + image(delete.before());
    }
    RowChange.Update update = (RowChange.Update) row;
    return "update " + table + image(update.before()) + " -> " + image(update.after());
  }

  static String image(RowImage image) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < image.columns().size(); i++) {
      text.append(image.columns().get(i).name()).append('=').append(value(image.values().get(i)));
      text.append(' ');
    }
    return text.toString().strip();
  }

  private static String value(ColumnValue value) {
    if (value instanceof ColumnValue.Text text) {
      return hex(text.utf8());
    }
    if (value instanceof ColumnValue.Binary binary) {
      return hex(binary.bytes());
    }
    return value instanceof ColumnValue.Json json ? hex(json.binary()) : value.toString();
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
