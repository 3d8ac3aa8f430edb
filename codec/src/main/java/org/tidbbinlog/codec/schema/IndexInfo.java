package org.tidbbinlog.codec.schema;

import java.util.List;

/** An index. Source: ddl-meta section 8. */
public record IndexInfo(
    long id,
    CiName name,
    List<IndexColumn> columns,
    SchemaState state,
    boolean unique,
    boolean primary) {
  /** {@link IndexColumn#length()} of a column that is indexed whole. */
  public static final int WHOLE_COLUMN = -1;

  public IndexInfo {
    columns = List.copyOf(columns);
  }

  /**
   * One column of an index.
   *
   * @param offset position of the column in the table
   * @param length prefix length in characters or bytes, or {@link #WHOLE_COLUMN}
   */
  public record IndexColumn(CiName name, int offset, int length) {}
}
