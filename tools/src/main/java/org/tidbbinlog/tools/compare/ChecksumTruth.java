package org.tidbbinlog.tools.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.tidbbinlog.base.OperatorException;

/**
 * Truth of large captures: per table {@code db.table TAB count TAB checksum TAB min(id) TAB
 * max(id)} where the checksum is {@code sum(crc32(concat_ws('#',id,k,c,pad)))}.
 */
public final class ChecksumTruth {
  private static final String QUERY =
      "SELECT count(*), coalesce(sum(crc32(concat_ws('#',id,k,c,pad))),0), min(id), max(id) FROM ";

  private final List<List<String>> lines;

  private ChecksumTruth(List<List<String>> lines) {
    this.lines = List.copyOf(lines);
  }

  public static ChecksumTruth read(Path file) {
    try {
      List<List<String>> lines = new ArrayList<>();
      for (String line : Files.readAllLines(file)) {
        if (!line.isBlank()) {
          List<String> fields = List.of(line.split("\t", -1));
          if (fields.size() != 5 || fields.get(0).indexOf('.') < 0) {
            throw new OperatorException("not a checksum line in " + file + ": " + line);
          }
          lines.add(fields);
        }
      }
      return new ChecksumTruth(lines);
    } catch (IOException e) {
      throw new OperatorException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /** Computes the same checksums on a target. */
  public ComparisonReport compare(Connection connection) throws SQLException {
    ComparisonReport.Collector differences = new ComparisonReport.Collector();
    long rows = 0;
    for (List<String> expected : lines) {
      rows += Long.parseLong(expected.get(1));
      String name = expected.get(0);
      int dot = name.indexOf('.');
      String quoted =
          TargetTable.quote(name.substring(0, dot))
              + "."
              + TargetTable.quote(name.substring(dot + 1));
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery(QUERY + quoted)) {
        row.next();
        List<String> found = new ArrayList<>(List.of(name));
        for (int i = 1; i <= 4; i++) {
          found.add(String.valueOf(row.getString(i)));
        }
        if (!found.equals(expected)) {
          differences.add(
              name + ": expected " + expected.subList(1, 5) + ", found " + found.subList(1, 5));
        }
      } catch (SQLException e) {
        differences.add(name + ": " + e.getMessage());
      }
    }
    return differences.report(lines.size(), rows);
  }
}
