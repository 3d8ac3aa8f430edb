/** The rows a transaction changed, table by table: read lazily, written whole. */
@NullMarked
package org.tidbbinlog.codec.mutation;

import org.jspecify.annotations.NullMarked;
