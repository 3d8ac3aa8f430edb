/** DDL jobs: what TiDB did to the schema. */
@NullMarked
package org.tidbbinlog.codec.ddl;

import org.jspecify.annotations.NullMarked;
