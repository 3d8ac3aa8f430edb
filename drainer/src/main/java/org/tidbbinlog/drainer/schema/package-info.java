/**
 * Which database, table and columns an id means, at every schema version. Source: ddl-meta,
 * mutations 5.
 */
@NullMarked
package org.tidbbinlog.drainer.schema;

import org.jspecify.annotations.NullMarked;
