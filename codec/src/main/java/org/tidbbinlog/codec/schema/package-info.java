/** TiDB's schema objects (databases, tables, columns, indexes) as its JSON describes them. */
@NullMarked
package org.tidbbinlog.codec.schema;

import org.jspecify.annotations.NullMarked;
