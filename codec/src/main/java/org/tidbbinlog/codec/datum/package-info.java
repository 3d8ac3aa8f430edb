/** TiDB's self-describing values: one flag byte, then the payload. */
@NullMarked
package org.tidbbinlog.codec.datum;

import org.jspecify.annotations.NullMarked;
