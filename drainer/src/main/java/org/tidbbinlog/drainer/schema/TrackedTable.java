package org.tidbbinlog.drainer.schema;

import java.util.List;
import org.tidbbinlog.codec.schema.TableInfo;

/**
 * A table with its newest structure and the one before, which old rows may still need for defaults.
 * Source: mutations section 5.
 *
 * @param versions one or two structures, oldest first
 */
public record TrackedTable(long databaseId, List<Version> versions, ColumnDrop columnDrop) {
  /** A structure and the schema version that made it. */
  public record Version(long schemaVersion, TableInfo info) {}

  /** Whether rows may lack a column because it is on its way out. */
  public enum ColumnDrop {
    NONE,
    UNDER_WAY
  }

  public TrackedTable {
    versions = List.copyOf(versions);
    if (versions.isEmpty() || versions.size() > 2) {
      throw new IllegalArgumentException("a table has one or two versions: " + versions.size());
    }
  }

  static TrackedTable created(long databaseId, long schemaVersion, TableInfo info) {
    return new TrackedTable(databaseId, List.of(new Version(schemaVersion, info)), ColumnDrop.NONE);
  }

  /** The structure rows are decoded with. */
  public TableInfo info() {
    return newest().info();
  }

  /** Version of the last DDL that touched this table. */
  public long lastDdlVersion() {
    return newest().schemaVersion();
  }

  /** The structure that says what columns missing in a row of that schema version stand for. */
  public TableInfo defaultsFor(long rowSchemaVersion) {
    for (Version version : versions) {
      if (version.schemaVersion() >= rowSchemaVersion) {
        return version.info();
      }
    }
    return info();
  }

  /** Whether a row written under that schema version may lack columns of {@link #info()}. */
  public boolean mayMissColumns(long rowSchemaVersion) {
    return columnDrop == ColumnDrop.UNDER_WAY || rowSchemaVersion < lastDdlVersion();
  }

  TrackedTable changed(long newDatabaseId, long schemaVersion, TableInfo info) {
    return new TrackedTable(
        newDatabaseId, List.of(newest(), new Version(schemaVersion, info)), ColumnDrop.NONE);
  }

  TrackedTable droppingColumn() {
    return new TrackedTable(databaseId, versions, ColumnDrop.UNDER_WAY);
  }

  private Version newest() {
    return versions.get(versions.size() - 1);
  }
}
