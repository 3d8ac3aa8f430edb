package org.tidbbinlog.codec.schema;

import java.util.List;

/** Partitions of a table, the part a consumer needs. Source: ddl-meta section 8. */
public record PartitionInfo(
    boolean enabled, int type, String expr, List<Definition> definitions, long newTableId) {
  public static final PartitionInfo NONE = new PartitionInfo(false, 0, "", List.of(), 0);

  public PartitionInfo {
    definitions = List.copyOf(definitions);
  }

  /**
   * One partition.
   *
   * @param lessThan upper bounds of a RANGE partition, one a column; expressions are numbers here
   */
  public record Definition(long id, CiName name, List<String> lessThan) {
    public Definition {
      lessThan = List.copyOf(lessThan);
    }

    public Definition(long id, CiName name) {
      this(id, name, List.of());
    }
  }
}
