package org.tidbbinlog.testkit.workload;

import org.tidbbinlog.codec.schema.TableInfo;

/**
 * What a target must have under one name: a table as it is defined, or a view.
 *
 * @param schema the database
 */
public record TruthStructure(String schema, TableInfo info) {}
