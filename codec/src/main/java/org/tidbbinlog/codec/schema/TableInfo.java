package org.tidbbinlog.codec.schema;

import java.util.List;

/**
 * A table, view or sequence at one schema version. Source: ddl-meta section 8.
 *
 * @param columns in offset order, non-public ones normally last
 * @param pkIsHandle the row's handle is its single integer primary key column (which then has no
 *     index entry)
 * @param commonHandle the row's handle is its clustered multi-type primary key
 * @param partition {@link PartitionInfo#NONE} when the table is not partitioned
 */
public record TableInfo(
    long id,
    CiName name,
    Kind kind,
    Temporary temporary,
    String charset,
    String collate,
    List<ColumnInfo> columns,
    List<IndexInfo> indexes,
    SchemaState state,
    boolean pkIsHandle,
    boolean commonHandle,
    PartitionInfo partition,
    String comment) {
  public TableInfo {
    columns = List.copyOf(columns);
    indexes = List.copyOf(indexes);
  }

  /** What the object is. */
  public enum Kind {
    BASE,
    VIEW,
    SEQUENCE
  }

  /** Temporary tables never appear in binlogs. */
  public enum Temporary {
    NONE,
    GLOBAL,
    LOCAL
  }

  /** The same table under another id and name. */
  public TableInfo withIdentity(long newId, CiName newName) {
    return new TableInfo(
        newId,
        newName,
        kind,
        temporary,
        charset,
        collate,
        columns,
        indexes,
        state,
        pkIsHandle,
        commonHandle,
        partition,
        comment);
  }
}
