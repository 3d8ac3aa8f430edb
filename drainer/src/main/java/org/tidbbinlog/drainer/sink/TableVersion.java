package org.tidbbinlog.drainer.sink;

import org.tidbbinlog.codec.schema.TableInfo;

/**
 * A table at the schema version its rows were decoded with; shared by identity between rows.
 *
 * @param schema database at the target, where {@code table-migrate-rule} may give another name
 * @param table its name there
 * @param info as upstream has it, under its name there
 */
public record TableVersion(String schema, String table, TableInfo info, long schemaVersion) {}
