/** Rows of binlogs and of TiKV to column values and back, by the table's structure. */
@NullMarked
package org.tidbbinlog.codec.row;

import org.jspecify.annotations.NullMarked;
