package org.tidbbinlog.tools.compare;

import java.util.List;

/**
 * One table as it must be: fields are texts as TiDB prints them under UTC, bit and binary values in
 * hex, NULL as the text {@code NULL}.
 */
public record TruthTable(String schema, String table, List<String> columns, List<TruthRow> rows) {
  public TruthTable {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
  }

  public String name() {
    return schema + "." + table;
  }

  /** One row: its fields, or only the digest of its long line. */
  public sealed interface TruthRow {
    /** One text a column. */
    record Fields(List<String> values) implements TruthRow {
      public Fields {
        values = List.copyOf(values);
      }
    }

    /**
     * A row whose line was too long to keep.
     *
     * @param sha256 lower-case hex of the UTF-8 line
     */
    record Digest(String sha256) implements TruthRow {}
  }
}
