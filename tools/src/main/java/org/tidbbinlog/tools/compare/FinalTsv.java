package org.tidbbinlog.tools.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.tools.compare.TruthTable.TruthRow;

/**
 * Reads the recorded end state of a source.
 *
 * <pre>
 * ## db.table TAB column,column,…
 * field TAB field …                  as the mysql client prints it in batch mode, time zone UTC
 * sha256:HEX len:N                   instead of a line of 2,000 characters or more
 * </pre>
 *
 * A table that is listed twice counts once, a column that is listed twice too (a source may list a
 * moved table under both of its places).
 */
public final class FinalTsv {
  private static final Pattern DIGEST = Pattern.compile("sha256:([0-9a-f]{64}) len:\\d+");

  private FinalTsv() {}

  /** Reads a file. */
  public static List<TruthTable> read(Path file) {
    try {
      return parse(Files.readString(file, StandardCharsets.UTF_8), file.toString());
    } catch (IOException e) {
      throw new OperatorException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  static List<TruthTable> parse(String text, String where) {
    Map<String, TruthTable> tables = new LinkedHashMap<>();
    String header = "";
    List<String> lines = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      if (line.startsWith("## ")) {
        add(tables, header, lines, where);
        header = line;
        lines = new ArrayList<>();
      } else {
        lines.add(line);
      }
    }
    if (!lines.isEmpty() && lines.get(lines.size() - 1).isEmpty()) {
      lines.remove(lines.size() - 1);
    }
    add(tables, header, lines, where);
    return List.copyOf(tables.values());
  }

  private static void add(
      Map<String, TruthTable> tables, String header, List<String> lines, String where) {
    if (header.isEmpty()) {
      if (!lines.isEmpty()) {
        throw new OperatorException(where + " does not begin with a line `## db.table`");
      }
      return;
    }
    int tab = header.indexOf('\t');
    int dot = header.indexOf('.');
    if (tab < 0 || dot < 0 || dot > tab) {
      throw new OperatorException(where + ": no `db.table TAB columns` in: " + header);
    }
    List<String> listed = List.of(header.substring(tab + 1).split(",", -1));
    List<String> columns = List.copyOf(new LinkedHashSet<>(listed));
    List<TruthRow> rows = new ArrayList<>(lines.size());
    for (String line : lines) {
      rows.add(once(row(line), listed, columns));
    }
    TruthTable table =
        new TruthTable(header.substring(3, dot), header.substring(dot + 1, tab), columns, rows);
    tables.putIfAbsent(table.name(), table);
  }

  /** The row with each column once. */
  private static TruthRow once(TruthRow row, List<String> listed, List<String> columns) {
    if (listed.size() == columns.size()
        || !(row instanceof TruthRow.Fields fields)
        || fields.values().size() != listed.size()) {
      return row;
    }
    return new TruthRow.Fields(
        columns.stream().map(name -> fields.values().get(listed.indexOf(name))).toList());
  }

  private static TruthRow row(String line) {
    Matcher digest = DIGEST.matcher(line);
    return digest.matches()
        ? new TruthRow.Digest(digest.group(1))
        : new TruthRow.Fields(BatchText.fields(line));
  }
}
