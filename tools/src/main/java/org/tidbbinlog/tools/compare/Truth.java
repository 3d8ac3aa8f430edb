package org.tidbbinlog.tools.compare;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.tidbbinlog.base.OperatorException;

/** What a target must hold. */
public interface Truth {
  /** Compares a target with it; nothing is written. */
  ComparisonReport compare(Connection connection, TargetComparison.Scope scope) throws SQLException;

  /** Reads {@code final.tsv} or a file of checksums, whichever it is. */
  static Truth read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new OperatorException("no such file to compare with: " + file);
    }
    if (String.valueOf(file.getFileName()).contains("checksums")) {
      ChecksumTruth checksums = ChecksumTruth.read(file);
      return (connection, scope) -> checksums.compare(connection);
    }
    var tables = FinalTsv.read(file);
    return (connection, scope) -> new TargetComparison(connection, scope).compare(tables);
  }
}
