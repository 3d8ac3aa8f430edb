package org.tidbbinlog.drainer.sink;

import org.tidbbinlog.codec.schema.TableInfo;

/** A table at the schema version its rows were decoded with; shared by identity between rows. */
public record TableVersion(String schema, String table, TableInfo info, long schemaVersion) {}
